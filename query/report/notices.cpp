// SPDX-License-Identifier: Apache-2.0
#include "query/report/notices.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/base/say.h"
#include "query/base/shell_word.h"
#include "query/render/units.h"
#include "query/sql/all_rows.h"
#include "query/sql/sql_text.h"
#include "schema/schema.h"

namespace ctrack::query {

namespace {

constexpr std::size_t most_of_one_sort = 10;

// A line for each thing of one sort, as long as they are few: a file can hold any number of them.
void say_some(const std::vector<std::string>& lines, std::string_view more) {
    for (std::size_t i = 0; i < std::min(lines.size(), most_of_one_sort); ++i)
        say(lines[i]);
    if (lines.size() > most_of_one_sort)
        say(fmt::format("the same of {} more {}", lines.size() - most_of_one_sort, more));
}

// The first names of a list, and how many there are besides.
std::string some_of(const std::vector<std::string>& names, std::string_view separator) {
    const auto shown = std::min(names.size(), most_of_one_sort);
    const auto text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, separator));
    return shown == names.size() ? text : fmt::format("{} and {} more", text, names.size() - shown);
}

} // namespace

std::string nothing_recorded(const std::vector<std::string>& files, const Window& window,
                             Database& database) {
    if (!all_rows(database,
                  "SELECT 1 FROM temp.recording_spans "
                  "WHERE started_us < :end_us AND until_us >= :begin_us LIMIT 1",
                  {window, -1})
             .empty())
        return "";
    const bool is_moment = window.begin_us < window.end_us && window.begin_us == window.end_us - 1;
    const std::string text =
        fmt::format("nothing was recorded {}", is_moment ? "at this moment" : "in this window");
    const auto span = database.recorded();
    return span
               ? fmt::format("{}: {} {} from {} to {}", text, fmt::join(files, ", "),
                             files.size() == 1 ? "is" : "are", humanise(span->begin_us, Unit::time),
                             humanise(span->end_us - 1, Unit::time))
               : text;
}

namespace {

// "HOST from A to B, but for 2 gaps of 3m05s in all": what covered_window.sql says of one host.
std::string covered_text(const Row& row, bool names_host) {
    const auto text = [&](std::size_t column, Unit unit) { return humanise(row[column], unit); };
    const std::string host = names_host ? text(0, Unit::text) + " " : "";
    if (std::holds_alternative<std::monostate>(row[1]))
        return host + "not at all";
    const auto gaps = std::get<std::int64_t>(row[3]);
    return fmt::format(
        "{}from {} to {}{}", host, text(1, Unit::time), text(2, Unit::time),
        gaps == 0   ? ""
        : gaps == 1 ? ", but for a gap of " + text(4, Unit::duration)
                    : fmt::format(", but for {} gaps of {} in all", gaps, text(4, Unit::duration)));
}

} // namespace

void report_not_recorded(const std::vector<std::string>& files, const Window& asked,
                         Database& database, std::string_view of) {
    const auto nothing = nothing_recorded(files, asked, database);
    std::vector<std::string> hosts;
    if (nothing.empty())
        for (const auto& row : all_rows(database, sql_text("covered_window"), {asked, -1}))
            hosts.push_back(covered_text(row, database.hosts() > 1));
    if (!hosts.empty())
        say(fmt::format("{}only a part of this window was recorded: {}", of, some_of(hosts, "; ")));
    else if (!nothing.empty())
        say(std::string(of) + nothing);
}

namespace {

// A list with commas is taken for a name too, so that it need not be one.
bool is_program(const std::string& name, Database& database) {
    Parameters parameters{{0, 0}, -1};
    parameters.named = {{":name", name}};
    return name.find(',') != std::string::npos ||
           !all_rows(database,
                     "SELECT 1 FROM processes WHERE comm = :name OR comm GLOB :name LIMIT 1",
                     parameters)
                .empty();
}

} // namespace

void report_unknown_programs(const std::vector<std::string>& files,
                             const std::vector<filter::Given>& narrowing, Database& database) {
    for (const auto& given : narrowing)
        if (given.field == "comm")
            for (const auto& name : filter::values_of(given))
                if (!is_program(name, database))
                    say(fmt::format("no program {} is in {}", name, fmt::join(files, ", ")));
}

void report_losses(const std::vector<std::string>& files, const Window& window,
                   Database& database) {
    const auto lost = all_rows(database, sql_text("losses_in_window"), {window, -1})[0][0];
    if (const auto* text = std::get_if<std::string>(&lost))
        say(fmt::format("lost in this window: {}; ctrack-query -r {} losses lists them", *text,
                        shell_words(files, " -r ")));
}

namespace {

bool is_true(const Value& value) { return value == Value(std::int64_t{1}); }

// "16 packets at 0.0.0.0:80 (nginx: its accept queue was full)": a row of drops_in_window.sql.
std::string drops_text(const Row& row) {
    return fmt::format("{} packet{} at {} ({}{})", humanise(row[0], Unit::count),
                       is_true(row[0]) ? "" : "s", humanise(row[1], Unit::text),
                       humanise(row[2], Unit::text),
                       is_true(row[3])   ? ": its accept queue was full"
                       : is_true(row[4]) ? ": accept queues in its network namespace were full"
                                         : "");
}

} // namespace

void report_drops(const std::vector<std::string>& files, const Window& window, Database& database) {
    std::vector<std::string> drops;
    for (const auto& row : all_rows(database, sql_text("drops_in_window"), {window, -1}))
        drops.push_back(drops_text(row));
    if (!drops.empty())
        say(fmt::format(
            "dropped by listeners in this window: {}; ctrack-query -r {} pressure lists "
            "them",
            some_of(drops, ", "), shell_words(files, " -r ")));
}

void report_deleted(const std::vector<std::string>& files, const Parameters& parameters,
                    Database& database) {
    std::string text;
    for (const auto& row : all_rows(database, sql_text("kept_in_window"), parameters))
        text += fmt::format("{}{} before {}", text.empty() ? "" : ", ",
                            humanise(row[0], Unit::text), humanise(row[1], Unit::time));
    if (!text.empty())
        say(fmt::format("no longer in {}: {}; --max-size and --max-age of the recorder "
                        "set how much it keeps",
                        fmt::join(files, ", "), text));
}

void report_left_out(const std::vector<std::string>& files, Database& database) {
    for (std::size_t file = 0; file < files.size(); ++file)
        if (const auto names = database.foreign(file); !names.empty())
            say(fmt::format("not copied from {}, as it is not ctrack's: {}", files[file],
                            some_of(names, ", ")));
}

void report_silent(const std::vector<std::string>& files, const Window& window,
                   Database& database) {
    std::vector<std::string> lines;
    for (const auto& row : all_rows(database, sql_text("silent"), {window, -1})) {
        const auto& file = files.at(static_cast<std::size_t>(std::get<std::int64_t>(row[2])));
        lines.push_back(fmt::format(
            "{}: the recording of {} has no end: its recorder was killed, or "
            "this is a copy; all that is known ends {}{}",
            file, humanise(row[0], Unit::text), humanise(row[1], Unit::time),
            schema::log_of(file) == schema::Log::not_there
                ? fmt::format("; no {}-wal is there: if it was not copied along, what came "
                              "later is missing",
                              file)
                : ""));
    }
    say_some(lines, "recordings");
}

namespace {

void report_overlapping(const Window& window, Database& database, bool in_one_file) {
    Parameters parameters{window, -1};
    parameters.named = {{":in_one_file", std::int64_t{in_one_file}}};
    std::vector<std::string> lines;
    for (const auto& row : all_rows(database, sql_text("overlapping"), parameters))
        lines.push_back(
            fmt::format("two recorders of {} ran at once from {} to {}: what both recorded counts "
                        "twice",
                        humanise(row[0], Unit::text), humanise(row[1], Unit::time),
                        humanise(row[2], Unit::time)));
    say_some(lines, "times");
}

// "1 event", "2 events".
std::string counted(const Value& count, const char* what) {
    return fmt::format("{} {}{}", humanise(count, Unit::count), what,
                       count == Value(std::int64_t{1}) ? "" : "s");
}

} // namespace

void report_doubled(const Window& window, Database& database) {
    std::vector<std::string> lines;
    for (const auto& row : all_rows(database, sql_text("doubled")))
        lines.push_back(fmt::format("several files hold the recording of {} from {}: connections, "
                                    "listeners and recordings that are in both files count twice",
                                    humanise(row[0], Unit::text), humanise(row[1], Unit::time)));
    say_some(lines, "recordings");
    report_overlapping(window, database, false);
}

void report_written(const std::string& file, bool is_merged) {
    Database database(file);
    const auto row = all_rows(database, sql_text("written"))[0];
    const auto span = database.recorded();
    say(fmt::format("wrote {}: {}, {}, {}, {}{}; {}", file, counted(row[0], "connection"),
                    counted(row[1], "event"), counted(row[2], "RTT sample"),
                    counted(row[3], "listener"),
                    span ? fmt::format("; from {} to {}", humanise(span->begin_us, Unit::time),
                                       humanise(span->end_us - 1, Unit::time))
                         : "",
                    humanise(row[4], Unit::bytes)));
    if (is_merged && span)
        report_overlapping(*span, database, true);
}

} // namespace ctrack::query
