// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "query/cli/options.h"
#include "query/report/report.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// Throws UsageError for an option that would change nothing in the report, which
/// is a misunderstanding. A new option has its line here.
void refuse_useless(const Options& options, const std::optional<filter::Expression>& filter,
                    const Report& report, Database& database);

/// The same for what is no report (list, help): takes nothing but -o.
void refuse_all(const Options& options);

} // namespace ctrack::query
