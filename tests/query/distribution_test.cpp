// SPDX-License-Identifier: Apache-2.0
//
// Against SQLite's own aggregates and percentile().
#include "query/sql/distribution.h"

#include <cmath>
#include <random>
#include <string>

#include <SQLiteCpp/Statement.h>

#include "tests/catch.h"

using namespace ctrack::query;

namespace {

SQLite::Database with_values(int count) {
    SQLite::Database db(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    add_distribution(db);
    db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
    std::mt19937 random(1);
    std::lognormal_distribution<double> usual(6, 3);
    SQLite::Statement insert(db, "INSERT INTO t (x) VALUES (?)");
    for (int i = 0; i < count; ++i) {
        insert.bind(1, static_cast<std::int64_t>(std::llround(usual(random)) - 5));
        insert.exec();
        insert.reset();
    }
    return db;
}

// Whether both give the same, of the same type.
bool are_same(SQLite::Database& db, const std::string& a, const std::string& b,
              const std::string& from) {
    return db
        .execAndGet("SELECT (" + a + ") IS (" + b + ") AND typeof(" + a + ") = typeof(" + b +
                    ") FROM " + from)
        .getInt();
}

void check_all(SQLite::Database& db, const std::string& d, const std::string& from) {
    CHECK(are_same(db, "count_of(" + d + ")", "(SELECT count(x) FROM t)", from));
    CHECK(are_same(db, "count_of(" + d + ", 3, 900)",
                   "(SELECT count(*) FROM t WHERE x BETWEEN 3 AND 900)", from));
    CHECK(are_same(db, "average_of(" + d + ")", "(SELECT avg(x) FROM t)", from));
    CHECK(are_same(db, "percentile_of(" + d + ", 0)", "(SELECT min(x) FROM t)", from));
    CHECK(are_same(db, "percentile_of(" + d + ", 100)", "(SELECT max(x) FROM t)", from));
    for (const std::string percent : {"50", "95", "99.9"})
        CHECK(are_same(db, "percentile_of(" + d + ", " + percent + ")",
                       "(SELECT percentile(x, " + percent + ") FROM t)", from));
}

} // namespace

TEST_CASE("distribution: what SQLite says of the same values, however many") {
    for (const int count : {0, 1, 100, 8191, 8192, 8193, 50'000}) {
        CAPTURE(count);
        auto db = with_values(count);
        db.exec("INSERT INTO t (x) VALUES (NULL)");
        check_all(db, "d", "(SELECT distribution(x) AS d FROM t)");
    }
}

TEST_CASE("distribution: of several, whatever part each has") {
    for (const int count : {1, 100, 50'000}) {
        auto db = with_values(count);
        for (const std::string parts : {"id % 7", "id < 20", "id", "x < 0"}) {
            CAPTURE(count, parts);
            check_all(db, "d",
                      "(SELECT distribution(d) AS d FROM (SELECT distribution(x) AS d FROM t "
                      "GROUP BY " +
                          parts + "))");
        }
    }
}

TEST_CASE("distribution: what is none is no distribution") {
    auto db = with_values(1);
    for (const std::string none : {"x''", "x'00'", "'text'", "zeroblob(16)", "zeroblob(40)"}) {
        CAPTURE(none);
        CHECK_NOTHROW(db.exec("SELECT percentile_of(" + none + ", 50), average_of(" + none +
                              "), count_of(" + none + "), count_of(" + none + ", 1, 2)"));
    }
    CHECK(db.execAndGet("SELECT count_of(NULL)").getInt() == 0);
    CHECK(db.execAndGet("SELECT percentile_of(NULL, 50) IS NULL AND average_of(NULL) IS NULL")
              .getInt());
}
