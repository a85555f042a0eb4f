// SPDX-License-Identifier: Apache-2.0
#include "query/checks/constraints.h"

#include <fmt/format.h>

#include "query/sql/schema_text.h"

namespace ctrack::query {

namespace {

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
        {fmt::format("SELECT count(*) FROM main.{} WHERE NOT ({})", table, expression), {}},
        {{0, 0}, -1}, rows);
    if (rows.count > 0)
        broken.push_back(
            fmt::format("CHECK constraint failed in {} of {}: {}", rows.count, table, expression));
}

} // namespace

std::vector<std::string> broken_constraints(Database& database) {
    std::vector<std::string> broken;
    for (const auto& table : described_schema())
        for (const auto& expression : table.checks)
            add_broken(database, table.name, expression, broken);
    return broken;
}

} // namespace ctrack::query
