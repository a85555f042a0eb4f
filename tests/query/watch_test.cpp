// SPDX-License-Identifier: Apache-2.0
#include "query/sql/watch.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>

#include "tests/catch.h"

using namespace ctrack::query;

namespace {

// Writes 40 MB or so into a temporary file.
constexpr auto sorting =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 40000) "
    "SELECT sum(length(b)) FROM (SELECT randomblob(1000) AS b FROM n ORDER BY b LIMIT -1)";

bool is_too_much(const Bounds& bounds) {
    SQLite::Database db(":memory:", SQLite::OPEN_READWRITE);
    Watch watch(db.getHandle(), bounds);
    try {
        db.execAndGet(sorting);
    } catch (const SQLite::Exception&) {
        CHECK(watch.is_too_much());
    }
    return watch.is_too_much();
}

} // namespace

TEST_CASE("watch: a statement ends when it goes beyond its bounds") {
    CHECK_FALSE(is_too_much({}));
    CHECK_FALSE(is_too_much({.steps = 100'000'000, .written_bytes = 1'000'000'000}));
    CHECK(is_too_much({.steps = 100'000}));
    CHECK(is_too_much({.written_bytes = 10'000'000}));
}
