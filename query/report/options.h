// SPDX-License-Identifier: Apache-2.0
//
// What the user asked for. query/cli reads it from the command line; reports and commands only
// look at it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "query/filter/narrowing.h"
#include "query/render/renderer.h"
#include "schema/format.h"

namespace ctrack::query {

struct Option;

struct Options {
    std::string command; ///< the name of a report or a command
    std::vector<std::string> arguments;
    std::optional<std::string> argument; ///< is set for a report that takes one
    std::vector<std::string> files = {schema::default_file};
    std::optional<std::string> begin; ///< is read by parse_time, as the next two are
    std::optional<std::string> end;
    std::optional<std::string> at;
    std::optional<std::string>
        last; ///< is a length of time, up to `end` or the end of the recording
    std::vector<filter::Given> narrowing; ///< is in the order of the table of options
    std::optional<std::string> by;        ///< is read by grouped_by
    std::optional<std::string> interval;  ///< is a length of time
    bool follow = false;
    std::optional<std::int64_t> limit;  ///< how many rows at most; 0 means all
    std::optional<std::string> sort;    ///< is read by sorted_sql
    std::optional<std::string> columns; ///< is read by choose_columns
    bool wide = false;
    bool no_pager = false;
    bool utc = false;
    std::optional<Color> color;
    Times times = Times::automatic;
    Format format = Format::table;
    std::optional<std::string> out_file;   ///< is what -o names if a command writes a file
    bool force = false;                    ///< allows to replace a file that is there
    bool plain = false;                    ///< writes a file for older programs
    std::optional<std::string> key_file;   ///< is what --anonymize names
    std::optional<bool> keeps_known_names; ///< is what --anonymize-level names
    std::optional<std::string> before;     ///< is a window of diff, as FROM..TO
    std::optional<std::string> after;
    bool zeek = false;
    bool ndjson = false;
    bool datasette = false;
    std::vector<std::string> parameters; ///< are those of the command sql, as NAME=VALUE
    std::vector<const Option*> given;    ///< are the options on the command line
    bool help = false;
    bool version = false;
};

class PreparedReport;

/// Where the text of an option goes: into a member of Options, to a function that reads it, or
/// into a filter.
using OptionTarget = std::variant<bool Options::*, std::optional<std::string> Options::*,
                                  std::vector<std::string> Options::*,
                                  void (*)(Options&, const std::string&), filter::Narrowing>;

/// All that is known of one option. The table of them is query/cli/option_table.cpp.
struct Option {
    std::string_view names;      ///< are written as "-b,--begin"
    std::string_view value_name; ///< stands in the help; is empty if the option takes no value
    std::string_view help;
    std::string_view takers; ///< are the commands that take it; "reports" means every report
    OptionTarget target;
    /// Throws UsageError if the option would change nothing in this report.
    void (*refuse)(const Options&, const PreparedReport&) = nullptr;

    /// The option as messages name it: "-b", or "--peer" where there is no letter.
    std::string_view short_name() const { return names.substr(0, names.find(',')); }
    bool narrows() const { return std::holds_alternative<filter::Narrowing>(target); }
};

/// Whether the command line has the option of that short name.
bool is_given(const Options& options, std::string_view short_name);

/// How many rows a table has, and how many -F begins with, if the user does not say it.
constexpr std::int64_t rows_for_people = 20;

/// How many rows are shown at most; -1 means all. Programs get all unless they ask for less.
std::int64_t row_limit(const Options& options);

/// The arguments from the first on, as one filter.
std::string filter_words(const Options& options, std::size_t first);

/// A renderer of the format that the user asked for.
std::unique_ptr<Renderer> renderer_for(const Options& options, Output& out);

} // namespace ctrack::query
