// SPDX-License-Identifier: Apache-2.0
#include "schema/migrate.h"

#include <vector>

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include "common/error.h"
#include "schema/schema.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> schema_migrations;

namespace schema {

namespace {

// The formats before the first release had the versions 1 to 10, which now mean something else.
// All of them stored an average that no later format stores. The text of the table tells it without
// a look at the table, which may be a stranger's.
constexpr const char* has_unreleased_format =
    "SELECT count(*) FROM {}.sqlite_schema "
    "WHERE type = 'table' AND name = 'connections' AND instr(sql, 'rtt_avg_us') > 0";

int number(SQLite::Database& db, const std::string& sql) { return db.execAndGet(sql).getInt(); }

bool is_empty(SQLite::Database& db) {
    return number(db, "PRAGMA main.schema_version") == 0 &&
           number(db, "PRAGMA main.application_id") == 0;
}

// Throws Error if the file has none of the versions 1 to `newest`.
int version_of(SQLite::Database& db, const std::string& path, int newest,
               const std::string& name = "main") {
    if (number(db, fmt::format("PRAGMA {}.application_id", name)) != application_id)
        throw Error(fmt::format("{} is not a ctrack file (another program's database)", path));
    if (number(db, fmt::format(has_unreleased_format, name)) > 0)
        throw Error(fmt::format("{} has an unreleased format, of a ctrack from before 0.1.0: read "
                                "it with that program, or move it away and record anew",
                                path));
    const int version = number(db, fmt::format("PRAGMA {}.user_version", name));
    if (version < 1)
        throw Error(fmt::format("{} does not say which version of a ctrack file it is (its "
                                "user_version is {}): another program has changed it",
                                path, version));
    if (version > newest)
        throw Error(fmt::format("{} is from a newer ctrack (schema {}, this one knows {}): "
                                "use the newer program",
                                path, version, newest));
    return version;
}

} // namespace

Migrations our_migrations() { return schema_migrations; }

std::string plain(std::string_view sql) {
    std::string text(sql);
    for (const std::string_view option : {"STRICT, ", " STRICT"})
        for (auto at = text.find(option); at != text.npos; at = text.find(option, at))
            text.erase(at, option.size());
    return text;
}

Migrations plain_migrations() {
    static const auto texts = [] {
        std::vector<std::string> plain_texts;
        for (const auto& migration : schema_migrations)
            plain_texts.push_back(plain(migration.text));
        return plain_texts;
    }();
    static const auto migrations = [] {
        std::vector<EmbeddedSql> all;
        for (std::size_t i = 0; i < texts.size(); ++i)
            all.push_back({schema_migrations[i].name, texts[i]});
        return all;
    }();
    return migrations;
}

void require_newest(SQLite::Database& db, const std::string& path, Migrations migrations,
                    const std::string& name) {
    const int newest = static_cast<int>(migrations.size());
    const int version = version_of(db, path, newest, name);
    if (version < newest)
        throw Error(fmt::format("{} is from an older ctrack (schema {}, this one reads {}): let "
                                "ctrack-recorder --db bring it up to date",
                                path, version, newest));
}

void migrate(SQLite::Database& db, const std::string& path, Migrations migrations) {
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    const int newest = static_cast<int>(migrations.size());
    const int version = is_empty(db) ? 0 : version_of(db, path, newest);
    if (version == newest)
        return;
    for (const auto& migration : migrations.subspan(static_cast<std::size_t>(version)))
        db.exec(std::string(migration.text));
    db.exec(fmt::format("PRAGMA application_id = {}", application_id));
    db.exec(fmt::format("PRAGMA user_version = {}", newest));
    transaction.commit();
}

} // namespace schema
} // namespace ctrack
