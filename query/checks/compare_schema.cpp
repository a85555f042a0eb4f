// SPDX-License-Identifier: Apache-2.0
#include "query/checks/compare_schema.h"

#include <map>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "schema/schema.h"

namespace ctrack::query {

namespace {

using Definitions = std::map<std::string, std::string>; // by "table connections"

constexpr auto definitions_sql = "SELECT type || ' ' || name, sql FROM main.sqlite_schema "
                                 "WHERE sql IS NOT NULL";

class DefinitionReader : public Renderer {
public:
    void begin(const std::vector<std::string>&, const Layout&) override {}
    void row(const Row& row) override {
        definitions[std::get<std::string>(row[0])] = std::get<std::string>(row[1]);
    }
    void end() override {}

    Definitions definitions;
};

Definitions expected() {
    auto db = schema::empty();
    Definitions definitions;
    SQLite::Statement statement(db, definitions_sql);
    while (statement.executeStep())
        definitions[statement.getColumn(0)] = statement.getColumn(1).getString();
    return definitions;
}

} // namespace

std::vector<std::string> schema_differences(Database& database) {
    DefinitionReader actual;
    database.run({definitions_sql, {}}, {{0, 0}, -1}, actual);
    std::vector<std::string> differences;
    for (const auto& [name, sql] : expected()) {
        const auto found = actual.definitions.find(name);
        if (found == actual.definitions.end())
            differences.push_back(fmt::format("{} is not there", name));
        else if (found->second != sql)
            differences.push_back(fmt::format("{} is not as ctrack makes it", name));
    }
    return differences;
}

} // namespace ctrack::query
