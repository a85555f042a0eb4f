// SPDX-License-Identifier: Apache-2.0
//
// Minutes answer reports over everything where its rows are too many to read, or are gone.
#pragma once

#include "query/report/options.h"
#include "query/report/report.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// Whether all is asked for that the files hold.
bool asks_for_all(const Options& options, bool is_filtered, Database& database);

/// Returns whether minutes answer the report: then it is changed so that it reads these.
bool take_minutes(Report& report, const Options& options,
                  const std::optional<std::int64_t>& interval_us, bool is_filtered,
                  Database& database);

} // namespace ctrack::query
