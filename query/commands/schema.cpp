// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <nlohmann/json.hpp>

#include "query/base/usage_error.h"
#include "query/commands/command.h"
#include "query/render/json_text.h"
#include "query/sql/schema_text.h"

namespace ctrack::query::command {

namespace {

using Json = nlohmann::ordered_json;

Json datasette_table(const Described& table) {
    Json columns = Json::object();
    for (const auto& [name, description] : table.columns)
        columns[name] = description;
    return {{"description", table.description}, {"columns", columns}};
}

// Makes what https://docs.datasette.io/en/stable/metadata.html describes. Datasette names a
// database after its file.
Json datasette(const std::string& database) {
    Json tables = Json::object();
    for (const auto& table : described_schema())
        tables[table.name] = datasette_table(table);
    return {{"title", "ctrack: TCP connections"},
            {"databases", {{database, {{"tables", tables}}}}}};
}

} // namespace

int schema(const Options& options, Output& out) {
    if (options.datasette) {
        out.write(json_text(datasette(std::filesystem::path(options.files.front()).stem()), 2) +
                  "\n");
        return 0;
    }
    const auto renderer = renderer_for(options, out);
    renderer->begin({"table_name", "column_name", "description"}, {});
    for (const auto& table : described_schema()) {
        renderer->row({table.name, {}, table.description});
        for (const auto& [name, description] : table.columns)
            renderer->row({table.name, name, description});
    }
    renderer->end();
    return 0;
}

} // namespace ctrack::query::command
