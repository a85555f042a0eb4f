// SPDX-License-Identifier: Apache-2.0
#include "query/checks/constraints.h"

#include <algorithm>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "schema/schema.h"

namespace ctrack::query {

namespace {

// The last place of the text or comment that begins here; the same place if none does.
std::size_t past_literal(std::string_view sql, std::size_t at) {
    if (sql[at] == '\'')
        return std::min(sql.find('\'', at + 1), sql.size());
    if (sql.substr(at, 2) == "--")
        return std::min(sql.find('\n', at), sql.size());
    if (sql.substr(at, 2) == "/*")
        return std::min(sql.find("*/", at), sql.size() - 1) + 1;
    return at;
}

// Of the bracket opened at `open`: where it is closed.
std::size_t closing(std::string_view sql, std::size_t open) {
    int depth = 0;
    for (auto at = open; at < sql.size(); ++at) {
        at = past_literal(sql, at);
        if (at >= sql.size())
            break;
        depth += sql[at] == '(' ? 1 : sql[at] == ')' ? -1 : 0;
        if (depth == 0)
            return at;
    }
    return sql.size();
}

class Count : public Renderer {
public:
    void begin(const std::vector<std::string>&, const Layout&) override {}
    void row(const Row& row) override { count = std::get<std::int64_t>(row[0]); }
    void end() override {}

    std::int64_t count = 0;
};

void add_broken(Database& database, const std::string& table, const std::string& expression,
                std::vector<std::string>& broken) {
    Count rows;
    database.run(
        {fmt::format("SELECT count(*) FROM main.{} WHERE NOT ({}\n)", table, expression), {}},
        {{0, 0}, -1}, rows);
    if (rows.count > 0)
        broken.push_back(
            fmt::format("CHECK constraint failed in {} of {}: {}", rows.count, table, expression));
}

} // namespace

std::vector<std::string> check_expressions(std::string_view sql) {
    std::vector<std::string> expressions;
    for (std::size_t at = 0; at < sql.size(); ++at) {
        at = past_literal(sql, at);
        if (at >= sql.size() || sql.substr(at, 7) != "CHECK (")
            continue;
        const auto end = closing(sql, at + 6);
        expressions.emplace_back(sql.substr(at + 7, end - at - 7));
        at = end;
    }
    return expressions;
}

std::vector<std::string> broken_constraints(Database& database) {
    auto db = schema::empty();
    SQLite::Statement tables(db, "SELECT name, sql FROM sqlite_schema WHERE type = 'table' "
                                 "AND name NOT GLOB 'sqlite_*'");
    std::vector<std::string> broken;
    while (tables.executeStep())
        for (const auto& expression : check_expressions(tables.getColumn(1).getString()))
            add_broken(database, tables.getColumn(0), expression, broken);
    return broken;
}

} // namespace ctrack::query
