// SPDX-License-Identifier: Apache-2.0
#include "query/run_report.h"

#include "query/database.h"
#include "query/notices.h"
#include "query/refuse.h"
#include "query/shape.h"
#include "query/window.h"

namespace ctrack::query {

namespace {

std::int64_t limit_of(const Options& options) {
    const auto limit = options.limit.value_or(default_limit);
    return limit == 0 ? -1 : limit;
}

// The report's main query in the order and with the columns asked for.
void run_main(const Query& query, const Options& options, Parameters parameters, Renderer& renderer,
              Database& database) {
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
    database.run(shaped, parameters, *chooser);
}

bool takes_window(const Report& report, Database& database) {
    return database.takes(report.main, ":begin_us") || database.takes(report.main, ":end_us");
}

} // namespace

void run_report(const Report& report, const std::string& words, const Options& options,
                Output& out) {
    const auto now = now_us();
    const auto filter = filter::expression_of(options.narrowing, words, now);
    Database database(options.file, filter);
    refuse_useless(options, filter, report, database);
    const Parameters parameters{window_of(options, now, database), limit_of(options)};
    const auto renderer =
        make_renderer(options.format, out, options.color.value_or(Color::automatic));
    run_main(report.main, options, parameters, *renderer, database);
    if (report.footer && renderer->shows_footers())
        database.run(*report.footer, parameters, *renderer);
    out.flush();
    if (!takes_window(report, database))
        return;
    report_deleted(options.file, parameters.window, database);
    if (report.name != "losses")
        report_losses(options.file, parameters.window, database);
}

} // namespace ctrack::query
