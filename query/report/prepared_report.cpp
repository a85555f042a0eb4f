// SPDX-License-Identifier: Apache-2.0
#include "query/report/shared_query.h"

#include <fmt/format.h>

#include "query/base/replace_all.h"

namespace ctrack::query {

namespace {

void replace_in_all(Report& report, std::string_view place, std::string_view text) {
    for_each_statement(report, [&](std::string& sql) { replace_all(sql, place, text); });
}

} // namespace

Report with_once(Report report, const std::string& statement) {
    if (statement.empty())
        return report;
    report.once = fmt::format("(\n{})", statement);
    replace_in_all(report, "{once}", report.once);
    return report;
}

Report once_worked_out(Report report, const Parameters& parameters, Database& database) {
    constexpr std::string_view table = "temp.worked_out";
    database.keep(table, report.once, parameters);
    replace_in_all(report, report.once, table);
    return report;
}

} // namespace ctrack::query
