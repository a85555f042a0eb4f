// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/report/report.h"

namespace ctrack::query {

/// The reports of query/reports, in the order of query/meson.build.
std::vector<Report> all_reports();

/// The names and aliases of the reports, and list, help and sql.
std::vector<std::string> command_names();

/// By its name or an alias. Throws UsageError, which suggests the nearest name, if there is none.
Report find_report(std::string_view name);

} // namespace ctrack::query
