// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "query/report/report.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// The report with that statement, in brackets, in place of {once}: each of its statements can be
/// run alone.
Report with_once(Report report, const std::string& statement);

/// The report with what its statements share worked out, and in a TEMP table of the database.
Report once_worked_out(Report report, const Parameters& parameters, Database& database);

} // namespace ctrack::query
