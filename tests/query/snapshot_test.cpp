// SPDX-License-Identifier: Apache-2.0
#include "query/files/tables.h"

#include "schema/schema.h"
#include "tests/catch.h"

using namespace ctrack;

// For a new table, query/sql/snapshot_rows.sql and merge_rows.sql must say what of it goes along.
TEST_CASE("snapshot and merge: there are rows of each table of the schema") {
    auto db = schema::open_for_writing(":memory:");
    for (const auto& table : query::tables_of(db))
        for (const auto* name : {"snapshot_rows", "merge_rows"}) {
            CAPTURE(name, table.name);
            CHECK(query::rows_sql(name, table).find("SELECT") != std::string::npos);
            CHECK(query::rows_sql(name, table).find("SELECT *") == std::string::npos);
        }
    CHECK_THROWS(query::rows_sql("snapshot_rows", {"secrets", {}, {}, {}}));
}
