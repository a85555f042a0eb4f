// SPDX-License-Identifier: Apache-2.0
//
// Whether the bytes of a report are those that moved in its window, which intervals tell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/report/options.h"
#include "query/report/prepared_report.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// Whether it is known when the bytes of the window moved. If not, it says so on stderr, and why;
/// `of` says which window that is, as "--before: ", where there are two.
bool knows_moved(const std::vector<std::string>& files, const Window& window, Database& database,
                 std::string_view of = "");

/// Whether the report counts what moved in its window: if the user asked for a window, and in a
/// report that reads intervals in any case, but not at a moment, in which nothing moves.
bool counts_moved(const PreparedReport& report, const Options& options, const Window& window,
                  Database& database);

} // namespace ctrack::query
