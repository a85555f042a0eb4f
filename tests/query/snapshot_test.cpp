// SPDX-License-Identifier: Apache-2.0
#include "query/files/merge/renumber.h"
#include "query/files/snapshot/cut.h"

#include <algorithm>

#include "schema/schema.h"
#include "tests/catch.h"

using namespace ctrack;

// A new table needs a query/snapshot/TABLE.sql that says what of it goes along.
TEST_CASE("snapshot: there is a rule for each table of the schema") {
    auto db = schema::open_for_writing(":memory:");
    std::vector<std::string> tables;
    for (const auto& table : query::tables_of(db))
        tables.push_back(table.name);
    auto rules = query::tables_with_rules();
    std::sort(tables.begin(), tables.end());
    std::sort(rules.begin(), rules.end());
    CHECK(tables == rules);
}

TEST_CASE("snapshot: what tables refer to is known from the schema") {
    auto db = schema::open_for_writing(":memory:");
    for (const auto& table : query::tables_of(db))
        if (table.name == "connections") {
            CHECK(table.parents.at("process_id") == "processes");
            CHECK(table.parents.at("recording_id") == "recordings");
            CHECK(table.columns.front() == "id");
        }
}

TEST_CASE("merge: it knows each table of the schema") {
    auto db = schema::open_for_writing(":memory:");
    for (const auto& table : query::tables_of(db))
        CHECK_NOTHROW(query::merge::treatment_of(table.name));
}
