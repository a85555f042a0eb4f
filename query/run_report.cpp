// SPDX-License-Identifier: Apache-2.0
#include "query/run_report.h"

#include <chrono>

#include <fmt/format.h>

#include "query/database.h"
#include "query/errors.h"
#include "query/filter/numbers.h"
#include "query/follow.h"
#include "query/notices.h"
#include "query/parse_time.h"
#include "query/refuse.h"
#include "query/shape.h"
#include "schema/error.h"

namespace ctrack::query {

namespace {

std::int64_t now_us() {
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

Window window_of(const Options& options, std::int64_t now, Database& database) {
    if (options.at) {
        const auto moment = parse_time(*options.at, now);
        return {moment, moment + 1};
    }
    const auto begin = options.begin ? parse_time(*options.begin, now) : 0;
    if (!options.end)
        return {begin, database.recorded_until_us().value_or(now)};
    const auto end = parse_time(*options.end, now);
    if (options.begin && end <= begin)
        throw UsageError(
            fmt::format("bad window: -e '{}' is not after -b '{}'", *options.end, *options.begin));
    return {begin, end};
}

std::int64_t limit_of(const Options& options) {
    const auto limit = options.limit.value_or(default_limit);
    return limit == 0 ? -1 : limit;
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

} // namespace

void run_report(Report report, const std::string& words, const Options& options, Output& out) {
    const auto now = now_us();
    const auto filter = filter::expression_of(options.narrowing, words, now);
    Database database(options.files, filter);
    const bool are_several = options.files.size() > 1;
    if (are_several)
        read_several(report.main);
    refuse_useless(options, filter, report, database);
    if (options.follow)
        return follow(report, filter, options, out);
    const Parameters parameters{window_of(options, now, database), limit_of(options),
                                options.argument, interval_of(options)};
    const auto renderer =
        make_renderer(options.format, out, options.color.value_or(Color::automatic));
    const auto rows = run_main(report.main, options, parameters, *renderer, database);
    if (report.takes_argument && rows == 0)
        throw Error(fmt::format("no {} {} in {}", report.name, *options.argument,
                                fmt::join(options.files, ", ")));
    if (renderer->shows_footers())
        run_below(report, parameters, *renderer, database);
    out.flush();
    if (are_several)
        report_doubled(database);
    if (!takes_window(report, database))
        return;
    report_deleted(options.files, parameters.window, database);
    if (report.name != "losses")
        report_losses(options.files, parameters.window, database);
}

} // namespace ctrack::query
