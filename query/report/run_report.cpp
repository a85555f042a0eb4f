// SPDX-License-Identifier: Apache-2.0
#include "query/report/run_report.h"

#include <charconv>

#include <fmt/format.h>

#include "common/clock.h"
#include "common/error.h"
#include "query/base/usage_error.h"
#include "query/cli/useless_options.h"
#include "query/filter/numbers.h"
#include "query/report/column_choice.h"
#include "query/report/follow.h"
#include "query/report/notices.h"
#include "query/report/shared_query.h"
#include "query/report/window.h"
#include "query/sql/database.h"

namespace ctrack::query {

namespace {

std::int64_t limit_of(const Options& options) {
    const auto limit = options.limit.value_or(default_limit);
    return limit == 0 ? -1 : limit;
}

// "50" and "1.5" are numbers, all else is text.
Value value_of(const std::string& text) {
    std::int64_t integer = 0;
    double real = 0;
    const auto* end = text.data() + text.size();
    if (const auto [stop, error] = std::from_chars(text.data(), end, integer);
        error == std::errc() && stop == end)
        return integer;
    if (const auto [stop, error] = std::from_chars(text.data(), end, real);
        error == std::errc() && stop == end)
        return real;
    return text;
}

// Of NAME=VALUE.
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

// The report's main query in the order and with the columns asked for.
std::int64_t run_main(const Query& query, const Options& options, Parameters parameters,
                      Renderer& renderer, Database& database) {
    const Columns columns{database.columns_of(query), query.layout};
    Query shaped = query;
    if (options.wide)
        shaped.layout = widened(query.layout);
    if (options.sort) {
        const auto limit = database.takes(query, ":limit") || options.limit ? parameters.limit : -1;
        shaped.sql = sorted_sql(query.sql, columns, *options.sort, limit);
        parameters.limit = -1;
    }
    if (!options.columns)
        return database.run(shaped, parameters, renderer);
    const auto chooser = choose_columns(columns, *options.columns, renderer);
    return database.run(shaped, parameters, *chooser);
}

// What a table shows below its rows.
void run_below(const Report& report, const Parameters& parameters, Renderer& renderer,
               Database& database) {
    for (const auto& section : report.sections)
        database.run(section, parameters, renderer);
    if (report.footer)
        database.run(*report.footer, parameters, renderer);
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

bool takes_window(const Report& report, Database& database) {
    return database.takes(report.main, ":begin_us") || database.takes(report.main, ":end_us");
}

// Sorted, the first statement asks for all rows, those below it for the newest.
bool may_share(const Report& report, const Options& options) {
    return !report.once.empty() && report.footer && !options.sort;
}

// Sums of all traffic answer what asks for no part of it.
bool takes_sums(const Report& report, const std::optional<filter::Expression>& filter,
                const Options& options, Database& database) {
    const bool is_part = options.begin || options.end || options.at || filter;
    return !is_part && options.files.size() == 1 && database.takes(report.main, ":roll_up");
}

} // namespace

void run_report(Report report, const std::string& words, const Options& options, Output& out) {
    const auto now = now_us();
    const auto filter = filter::expression_of(options.narrowing, words, now);
    Database database(options.files, filter);
    const bool are_several = options.files.size() > 1;
    if (are_several)
        read_several(report);
    refuse_useless(options, filter, report, database);
    if (options.follow)
        return follow(report, filter, options, out);
    const Parameters parameters{.window = window_of(options, now, database),
                                .limit = limit_of(options),
                                .argument = options.argument,
                                .interval_us = interval_of(options),
                                .named = named_values(options.parameters),
                                .roll_up = takes_sums(report, filter, options, database)};
    database.choose(parameters.window, report.main);
    for (const auto& [name, value] : parameters.named)
        if (!database.takes(report.main, name.c_str()))
            throw UsageError(fmt::format("the SQL has no {}: leave out its --param", name));
    const auto renderer =
        make_renderer(options.format, out, options.color.value_or(Color::automatic));
    const auto shown = renderer->shows_footers() && may_share(report, options)
                           ? once_worked_out(report, parameters, database)
                           : report;
    const auto rows = run_main(shown.main, options, parameters, *renderer, database);
    if (report.takes_argument && rows == 0)
        throw Error(fmt::format("no {} {} in {}", report.name, *options.argument,
                                fmt::join(options.files, ", ")));
    if (renderer->shows_footers())
        run_below(shown, parameters, *renderer, database);
    out.flush();
    if (are_several)
        report_doubled(database);
    if (!takes_window(report, database))
        return;
    report_deleted(options.files, parameters, database);
    if (report.name != "losses")
        report_losses(options.files, parameters.window, database);
}

} // namespace ctrack::query
