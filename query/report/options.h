// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
    std::optional<std::string> out_file; ///< -o of a command that writes a file
    bool force = false;                  ///< write over a file that is there
    std::optional<std::string> key_file; ///< of --anonymize
    std::optional<std::string> before;   ///< windows of diff, as FROM..TO
    std::optional<std::string> after;
    bool zeek = false;
    bool ndjson = false;
    bool datasette = false;
    std::vector<std::string> parameters; ///< of sql, as NAME=VALUE
    std::vector<std::string> given;      ///< the options of the command line, as "-b"
    bool help = false;
    bool version = false;
};

/// Rows at most where -n is not given.
inline constexpr std::int64_t default_limit = 20;

/// Reads the command line, without the program's name. Throws UsageError.
Options parse_options(std::vector<std::string> arguments);

/// Whether an option, as in Options::given, is of no report but of some command.
bool is_of_commands(std::string_view option);

/// The arguments from the first on, as one filter.
std::string filter_words(const Options& options, std::size_t first);

/// The text of --help, but for the lists of commands and reports.
std::string usage();

} // namespace ctrack::query
