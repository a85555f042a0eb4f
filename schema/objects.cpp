// SPDX-License-Identifier: Apache-2.0
#include "schema/objects.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "common/error.h"
#include "schema/migrate.h"

namespace ctrack {

extern const std::span<const schema::Object> schema_objects;

namespace schema {

namespace {

using Key = std::pair<std::string, std::string>; // are kind and name
using Texts = std::map<Key, std::string>;

Texts texts_in(SQLite::Database& db, const std::string& name) {
    Texts texts;
    SQLite::Statement objects(db, fmt::format("SELECT type, name, sql FROM {}.sqlite_schema "
                                              "WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'",
                                              name));
    while (objects.executeStep())
        texts[{objects.getColumn(0), objects.getColumn(1)}] = objects.getColumn(2).getString();
    return texts;
}

Difference of_column(Difference::Kind kind, const Object& table, std::string_view column) {
    return {kind, fmt::format("column {}.{}", table.name, column), kind == Difference::changed,
            std::string(table.name)};
}

// Of a table whose text is another one: columns of it that are not ours, and ours that are not as
// they should be. A column that is worked out from others is not one of ours.
std::vector<Difference> column_differences(SQLite::Database& db, const std::string& schema,
                                           const Object& table) {
    std::vector<Difference> found;
    std::set<std::string_view> left;
    for (const auto& column : table.columns)
        left.insert(column.name);
    SQLite::Statement columns(db, fmt::format("PRAGMA {}.table_xinfo({})", schema, table.name));
    while (columns.executeStep()) {
        const auto name = columns.getColumn("name").getString();
        const auto ours = std::ranges::find(table.columns, name, &Column::name);
        if (ours == table.columns.end())
            found.push_back(of_column(Difference::foreign, table, name));
        else if (columns.getColumn("type").getString() == ours->type &&
                 columns.getColumn("pk").getInt() == ours->key_place &&
                 columns.getColumn("hidden").getInt() == 0)
            left.erase(ours->name);
    }
    for (const auto column : left)
        found.push_back(of_column(Difference::changed, table, column));
    return found;
}

// A text that does not begin so may be that of a virtual table, whose code runs as soon as it is
// looked at.
bool is_plain_table(const std::string& sql) { return sql.starts_with("CREATE TABLE "); }

// `sql` is not the text of our object.
std::vector<Difference> how_changed(SQLite::Database& db, const std::string& schema,
                                    const Object& ours, const std::string& sql) {
    Difference whole{Difference::changed, fmt::format("{} {}", ours.kind, ours.name)};
    if (ours.kind != "table")
        return {whole};
    whole.prevents_reading = !is_plain_table(sql);
    if (whole.prevents_reading)
        return {whole};
    auto found = column_differences(db, schema, ours);
    return found.empty() ? std::vector{whole} : found;
}

// Our SQL asks pragma_integrity_check and the like, in whose place SQLite takes what a file has
// under such a name.
bool hides_pragma(const std::string& name) {
    return sqlite3_strnicmp(name.c_str(), "pragma_", 7) == 0;
}

} // namespace

std::span<const Object> our_objects() { return schema_objects; }

const Object* find_object(std::string_view kind, std::string_view name) {
    const auto found = std::ranges::find_if(our_objects(), [&](const Object& object) {
        return object.kind == kind && object.name == name;
    });
    return found == our_objects().end() ? nullptr : &*found;
}

const char* said_of(Difference::Kind kind) {
    switch (kind) {
    case Difference::missing: return "is not there";
    case Difference::changed: return "is not as ctrack makes it";
    case Difference::foreign: break;
    }
    return "is not one of ctrack's";
}

std::vector<Difference> differences(SQLite::Database& db, const std::string& name) {
    std::vector<Difference> all;
    auto texts = texts_in(db, name);
    for (const auto& ours : our_objects()) {
        const auto text = texts.extract({std::string(ours.kind), std::string(ours.name)});
        if (!text)
            all.push_back({Difference::missing,
                           fmt::format("{} {}", ours.kind, ours.name),
                           ours.kind == "table",
                           {}});
        else if (text.mapped() != ours.sql && text.mapped() != plain(ours.sql))
            std::ranges::move(how_changed(db, name, ours, text.mapped()), std::back_inserter(all));
    }
    for (const auto& [key, text] : texts)
        all.push_back({Difference::foreign,
                       fmt::format("{} {}", key.first, key.second),
                       hides_pragma(key.second),
                       {}});
    return all;
}

std::vector<Difference> require_our_tables(SQLite::Database& db, const std::string& path,
                                           const std::string& name) {
    auto all = differences(db, name);
    for (const auto& difference : all)
        if (difference.prevents_reading)
            throw Error(fmt::format("cannot read {0}: {1} {2}: another program has changed the "
                                    "file; 'ctrack-query verify {0}' says more",
                                    path, difference.what, said_of(difference.kind)));
    return all;
}

} // namespace schema
} // namespace ctrack
