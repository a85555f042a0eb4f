// SPDX-License-Identifier: Apache-2.0
#include "query/report/run_report.h"

#include <charconv>

#include <fmt/format.h>
#include <re2/re2.h>

#include "common/clock.h"
#include "common/error.h"
#include "query/base/say.h"
#include "query/base/usage_error.h"
#include "query/filter/numbers.h"
#include "query/render/units.h"
#include "query/report/column_choice.h"
#include "query/report/follow.h"
#include "query/report/from_minutes.h"
#include "query/report/moved.h"
#include "query/report/notices.h"
#include "query/report/prepared_report.h"
#include "query/report/useless_options.h"
#include "query/report/window.h"
#include "query/sql/database.h"

namespace ctrack::query {

namespace {

// Texts as "50" and "1.5" are numbers, every other one is a text.
Value value_of(const std::string& text) {
    if (const auto integer = filter::parse_integer(text))
        return *integer;
    double real = 0;
    const auto* end = text.data() + text.size();
    if (const auto [stop, error] = std::from_chars(text.data(), end, real);
        error == std::errc() && stop == end)
        return real;
    return text;
}

// The values of --param, each given as NAME=VALUE.
std::map<std::string, Value> named_values(const std::vector<std::string>& parameters) {
    std::map<std::string, Value> values;
    for (const auto& parameter : parameters) {
        const auto equals = parameter.find('=');
        if (equals == 0 || equals == std::string::npos)
            throw UsageError(
                fmt::format("bad --param '{}': expected NAME=VALUE, as id=5", parameter));
        values[":" + parameter.substr(0, equals)] = value_of(parameter.substr(equals + 1));
    }
    return values;
}

std::optional<std::int64_t> interval_of(const Options& options) {
    if (!options.interval)
        return std::nullopt;
    const auto interval = filter::parse_duration(*options.interval);
    if (!interval || *interval <= 0)
        throw UsageError(fmt::format("bad --interval '{}': expected a length of time, as 10s or 1m",
                                     *options.interval));
    return interval;
}

// If the user's own words ask for that much, the file is not to blame.
[[noreturn]] void complain_of_too_much(const TooMuch& e, const Options& options) {
    if (options.interval)
        throw Error(fmt::format("--interval {} makes too many intervals of what was recorded: "
                                "take a longer one, or a window with -b and -e",
                                *options.interval));
    throw e;
}

std::optional<std::string> argument_of(const Options& options, const Report& report) {
    if (report.argument && !RE2::FullMatch(*options.argument, report.argument->pattern))
        throw UsageError(fmt::format("bad {} '{}': expected {}", report.name, *options.argument,
                                     report.argument->expected));
    return options.argument;
}

std::int64_t limit_of(const Options& options, const Report& report) {
    return report.shows_all && !options.limit ? -1 : row_limit(options);
}

bool tells_hosts(const PreparedReport& report) {
    return any_column(report.columns(), [](const ColumnFormat& column) { return column.is_host; });
}

// The sums of all traffic answer a report that is asked for no part of it. They do not know their
// host.
bool takes_sums(const PreparedReport& report, bool is_filtered, const Options& options,
                Database& database) {
    return asks_for_all(options, is_filtered, database) && report.takes_sums() &&
           (database.hosts() == 1 || !tells_hosts(report));
}

// Where sums of traffic tell the rest, only connections that are open at the end of the window are
// read; and a report without begin is about its end.
std::int64_t connections_from_us(const PreparedReport& report, const Parameters& parameters) {
    const bool is_about_end =
        parameters.roll_up || (report.takes(":end_us") && !report.takes(":begin_us"));
    return is_about_end ? parameters.window.end_us - 1 : parameters.window.begin_us;
}

// Runs the first statement with the order and the columns that the user asked for.
std::int64_t run_main(PreparedReport& report, const Options& options, const Parameters& parameters,
                      Renderer& renderer) {
    const auto columns = report.columns();
    const auto layout = options.wide ? widened(columns.layout) : columns.layout;
    const auto chooser = options.columns ? choose_columns(columns, *options.columns, renderer)
                                         : std::unique_ptr<Renderer>();
    auto& target = chooser ? *chooser : renderer;
    return options.sort ? report.run_sorted(*options.sort, layout, parameters, target)
                        : report.run_main(layout, parameters, target);
}

// Says on stderr if rows were left out that the user may take for not there. Of the user's own SQL
// they are not counted, because it need not be a statement that can stand within another.
void tell_if_cut(PreparedReport& report, const Options& options, const Parameters& parameters,
                 std::int64_t rows) {
    if (options.limit || rows != parameters.limit)
        return;
    if (report.report().is_users_sql)
        say(fmt::format("at most {} rows are shown; -n 0 for all", rows));
    else if (const auto all = report.count_rows(parameters); !all)
        say(fmt::format("only {} rows are shown; -n 0 for all", rows));
    else if (*all > rows)
        say(fmt::format("{} of {} rows; -n 0 for all", rows, humanise(*all, Unit::count)));
}

// Returns how many rows there were.
std::int64_t show(PreparedReport& report, const Options& options, const Parameters& parameters,
                  Output& out) {
    const auto renderer = renderer_for(options, out);
    auto of_main = parameters;
    if (!report.takes(":limit") && !options.limit) // then -s has no limit either
        of_main.limit = -1;
    const auto rows = run_main(report, options, of_main, *renderer);
    if (report.report().argument && rows == 0)
        throw Error(fmt::format("no {} {} in {}", report.report().name, *options.argument,
                                fmt::join(options.files, ", ")));
    if (renderer->shows_footers())
        report.run_below(parameters, *renderer);
    out.flush();
    tell_if_cut(report, options, of_main, rows);
    return rows;
}

// What the report is about, as far as the user asked for it. A report without begin is about the
// end of its window.
Window asked_of(const PreparedReport& report, const Options& options, const Window& window) {
    auto asked = asked_window(options, window);
    if (!report.takes(":begin_us") && (options.end || options.at))
        asked.begin_us = asked.end_us - 1;
    return asked;
}

// Says on stderr what of the window the files do not hold.
void give_notices(const PreparedReport& report, const Options& options,
                  const Parameters& parameters, Database& database) {
    if (options.files.size() > 1 && (report.takes_window() || report.report().is_users_sql))
        report_doubled(parameters.window, database);
    report_silent(options.files, parameters.window, database);
    if (!report.takes_window())
        return;
    report_not_recorded(options.files, asked_of(report, options, parameters.window), database);
    Parameters of_main = parameters; // if the footer alone reads the sums, the rows are not of them
    of_main.roll_up = parameters.roll_up && report.takes(":roll_up");
    if (parameters.of_minutes)
        say("made of sums of minutes: percentiles are at most 3.2 % off; with a window (-b) they "
            "are exact");
    report_deleted(options.files, of_main, database);
    if (report.report().notes_drops)
        report_drops(options.files, parameters.window, database);
    if (!report.report().tells_losses)
        report_losses(options.files, parameters.window, database);
}

} // namespace

void run_report(Report report, const std::string& words, const Options& options, Output& out) {
    const auto now = now_us();
    const auto filter = filter::condition_of(options.narrowing, words, now);
    Database database(options.files, filter);
    if (database.hosts() > 1)
        report.main.layout = with_hosts(report.main.layout);
    if (report.is_users_sql)
        database.expect_users_sql();
    const auto interval_us = interval_of(options);
    const bool of_minutes =
        !options.follow && take_minutes(report, options, interval_us, filter.has_value(), database);
    PreparedReport prepared(std::move(report), database);
    refuse_useless(options, filter, prepared);
    if (options.follow)
        return follow(prepared.report(), filter, options, out);
    const Parameters parameters{.window = window_of(options, now, database),
                                .limit = limit_of(options, prepared.report()),
                                .argument = argument_of(options, prepared.report()),
                                .interval_us = interval_us,
                                .named = named_values(options.parameters),
                                .roll_up =
                                    takes_sums(prepared, filter.has_value(), options, database),
                                .of_minutes = of_minutes};
    database.set_scope(
        {.window = parameters.window,
         .connections_from_us = connections_from_us(prepared, parameters),
         .newest_rows = options.sort ? -1 : parameters.limit,
         .counts_moved = counts_moved(prepared, options, parameters.window, database)},
        prepared.all_tables());
    std::int64_t rows = 0;
    const auto show_it = [&] { rows = show(prepared, options, parameters, out); };
    try {
        prepared.report().is_users_sql ? database.without_bounds(show_it) : show_it();
    } catch (const TooMuch& e) {
        complain_of_too_much(e, options);
    }
    if (rows == 0)
        report_unknown_programs(options.files, options.narrowing, database);
    give_notices(prepared, options, parameters, database);
}

} // namespace ctrack::query
