// SPDX-License-Identifier: Apache-2.0
#include "query/sql/duration_text.h"

#include <sqlite3.h>

#include "query/render/units.h"

namespace ctrack::query {

namespace {

void duration_text(sqlite3_context* context, int, sqlite3_value** values) {
    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    const std::string text = humanise(sqlite3_value_int64(values[0]), Unit::duration);
    sqlite3_result_text(context, text.c_str(), -1, SQLITE_TRANSIENT);
}

} // namespace

void add_duration_text(SQLite::Database& db) {
    db.createFunction("duration_text", 1, true, nullptr, duration_text, nullptr, nullptr, nullptr);
}

} // namespace ctrack::query
