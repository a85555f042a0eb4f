// SPDX-License-Identifier: Apache-2.0
#include "query/report/prepared_report.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "query/base/replace_all.h"

namespace ctrack::query {

using namespace std::chrono_literals;

namespace {

// Reports put LIMIT -1, which is no limit, where SQLite would else work out all columns of several
// files. It costs something, so it is left out where one file is read.
Report simplified(Report report, const Database& database) {
    if (database.files() > 1 || report.is_users_sql)
        return report;
    replace_all(report.main.sql, "LIMIT -1", "");
    for (auto& shared : report.shared)
        replace_all(shared.sql, "LIMIT -1", "");
    return report;
}

} // namespace

PreparedReport::PreparedReport(Report report, Database& database)
    : report_(simplified(std::move(report), database)), database_(database),
      shared_(prepare_shared()), main_(database.prepare(report_.main.sql, &tables_)) {
    if (report_.footer)
        footer_.emplace(database.prepare(report_.footer->sql, &footer_tables_));
}

TableNames PreparedReport::all_tables() const {
    TableNames all = tables_;
    all.insert(footer_tables_.begin(), footer_tables_.end());
    return all;
}

std::vector<Statement> PreparedReport::prepare_shared() {
    database_.make_views(report_.main.sql);
    if (report_.footer)
        database_.make_views(report_.footer->sql);
    for (const auto& shared : report_.shared)
        database_.make_views(shared.sql);
    std::vector<Statement> prepared;
    for (const auto& [table, sql] : report_.shared) {
        prepared.push_back(database_.prepare(sql, &tables_));
        database_.make_table(table, prepared.back().columns());
    }
    return prepared;
}

bool PreparedReport::takes(const std::string& parameter) const {
    return main_.takes(parameter) ||
           std::any_of(shared_.begin(), shared_.end(),
                       [&](const Statement& shared) { return shared.takes(parameter); });
}

bool PreparedReport::takes_sums() const {
    return takes(":roll_up") || (footer_ && footer_->takes(":roll_up"));
}

std::int64_t PreparedReport::run_main(const Layout& layout, const Parameters& parameters,
                                      Renderer& renderer) {
    fill_shared(parameters);
    return database_.run(main_, layout, parameters, renderer);
}

std::int64_t PreparedReport::run_sorted(const std::string& order, const Layout& layout,
                                        Parameters parameters, Renderer& renderer) {
    const auto limit = std::exchange(parameters.limit, -1); // limits the sorted rows instead
    fill_shared(parameters);
    const auto sql = sorted_sql(report_.main.sql, columns(), order, limit);
    return database_.run({sql, layout}, parameters, renderer);
}

void PreparedReport::run_below(const Parameters& parameters, Renderer& renderer) {
    if (report_.sections.empty() && !report_.footer)
        return;
    fill_shared(parameters);
    for (const auto& section : report_.sections)
        database_.run(section, parameters, renderer);
    if (footer_)
        database_.run(*footer_, report_.footer->layout, parameters, renderer);
}

std::optional<std::int64_t> PreparedReport::count_rows(Parameters parameters) {
    parameters.limit = -1;
    fill_shared(parameters);
    return database_.count_rows(report_.main.sql, parameters, 500ms);
}

// Only the limit may differ between two calls, because rows that are to be sorted are asked for
// without one.
void PreparedReport::fill_shared(const Parameters& parameters) {
    const bool depends_on_limit =
        std::any_of(shared_.begin(), shared_.end(),
                    [](const Statement& shared) { return shared.takes(":limit"); });
    if (filled_limit_ && (!depends_on_limit || *filled_limit_ == parameters.limit))
        return;
    for (const auto& [table, sql] : report_.shared)
        database_.fill_table(table, sql, parameters);
    filled_limit_ = parameters.limit;
}

} // namespace ctrack::query
