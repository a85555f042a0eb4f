// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "query/filter/options.h"
#include "query/render/renderer.h"

namespace ctrack::query {

/// What the user asked for.
struct Options {
    std::string command; ///< a report, or sql, list, help
    std::vector<std::string> arguments;
    std::optional<std::string> argument; ///< of a report that takes one
    std::vector<std::string> files = {"/var/lib/ctrack/ctrack.db"};
    std::optional<std::string> begin; ///< see parse_time
    std::optional<std::string> end;
    std::optional<std::string> at;
    std::vector<filter::Given> narrowing; ///< in the order of filter::options()
    std::optional<std::string> by;        ///< see chosen_by
    std::optional<std::string> interval;  ///< see interval_of
    bool follow = false;
    std::optional<std::int64_t> limit;  ///< rows at most, 0 = all
    std::optional<std::string> sort;    ///< see sorted_sql
    std::optional<std::string> columns; ///< see choose_columns
    bool wide = false;
    bool utc = false;
    std::optional<Color> color;
    Format format = Format::table;
    bool help = false;
    bool version = false;
};

/// Rows at most where -n is not given.
inline constexpr std::int64_t default_limit = 20;

/// Reads the command line, without the program's name. Throws UsageError.
Options parse_options(std::vector<std::string> arguments);

/// The text of --help, but for the list of reports.
std::string usage();

} // namespace ctrack::query
