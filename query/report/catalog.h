// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/report/report.h"

namespace ctrack::query {

/// The reports of query/reports, in the order of query/report/meson.build.
std::vector<Report> all_reports();

/// The names of all reports, and their aliases; it costs far less than all_reports().
std::vector<std::string> report_names();

/// The report that has this name, or this alias; nothing if there is none.
std::optional<Report> find_report(std::string_view name);

} // namespace ctrack::query
