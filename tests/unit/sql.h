// SPDX-License-Identifier: Apache-2.0
//
// What a statement gives, for a test to compare.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace ctrack::test {

inline std::string text(SQLite::Database& db, const std::string& sql) {
    return db.execAndGet(sql).getString();
}

inline std::int64_t number(SQLite::Database& db, const std::string& sql) {
    return db.execAndGet(sql).getInt64();
}

using Rows = std::vector<std::vector<std::string>>;

// Each value as text, so that a row reads like one of the sqlite3 shell.
inline Rows rows(SQLite::Database& db, const std::string& sql) {
    Rows all;
    SQLite::Statement query(db, sql);
    while (query.executeStep()) {
        auto& row = all.emplace_back();
        for (int i = 0; i < query.getColumnCount(); ++i)
            row.push_back(query.getColumn(i).isNull() ? "NULL" : query.getColumn(i).getString());
    }
    return all;
}

} // namespace ctrack::test
