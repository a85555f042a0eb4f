// SPDX-License-Identifier: Apache-2.0
#include "recorder/table_image.h"

#include <limits>

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include "tests/catch.h"

using namespace ctrack;

namespace {

/// A file with a table t, and the image of such a one.
struct Tables {
    SQLite::Database db = with_table();
    TableImage image{db, "t"};

    static SQLite::Database with_table() {
        SQLite::Database db(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, number INTEGER, rate REAL, name TEXT) "
                "STRICT");
        return db;
    }

    void add(std::int64_t id, std::int64_t number, const std::string& name) {
        Record record;
        record.clear();
        record.null();
        record.integer(number);
        record.real(0.5 * static_cast<double>(id));
        record.text(name);
        image.add(id, record);
    }

    template <class Fill> void copy(Fill fill) {
        SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
        image.begin();
        fill();
        image.end();
        db.exec("INSERT INTO main.t SELECT * FROM batch.t");
        transaction.commit();
    }

    std::int64_t number(const std::string& sql) { return db.execAndGet(sql).getInt64(); }
};

} // namespace

TEST_CASE("table image: numbers of all sizes") {
    Tables tables;
    std::vector<std::int64_t> numbers{std::numeric_limits<std::int64_t>::min()};
    for (int bit = 0; bit < 63; ++bit)
        for (const std::int64_t near : {-1, 0, 1})
            for (const std::int64_t sign : {-1, 1})
                numbers.push_back(sign * ((std::int64_t{1} << bit) + near));
    tables.copy([&] {
        for (std::size_t i = 0; i < numbers.size(); ++i)
            tables.add(static_cast<std::int64_t>(i), numbers[i], "x");
    });
    SQLite::Statement rows(tables.db, "SELECT number FROM t ORDER BY id");
    for (const std::int64_t number : numbers) {
        REQUIRE(rows.executeStep());
        CHECK(rows.getColumn(0).getInt64() == number);
    }
    CHECK_FALSE(rows.executeStep());
}

TEST_CASE("table image: no row, one, and more than a page holds, each time anew") {
    Tables tables;
    std::int64_t id = 0;
    const std::string name(57, 'n');
    for (const std::int64_t rows : {0, 1, 1000, 100'000, 300'000, 1, 0}) {
        tables.copy([&] {
            for (std::int64_t row = 0; row < rows; ++row)
                ++id, tables.add(id, id, name);
        });
        CHECK(tables.number("SELECT count(*) FROM t") == id);
    }
    CHECK(tables.number("SELECT max(id) FROM t WHERE number = id AND rate = id / 2.0") == id);
    CHECK(tables.number(fmt::format("SELECT sum(name = '{}') FROM t", name)) == id);
    CHECK(tables.db.execAndGet("PRAGMA main.integrity_check").getString() == "ok");
}

TEST_CASE("table image: what was rolled back is not there the next time") {
    Tables tables;
    {
        SQLite::Transaction transaction(tables.db, SQLite::TransactionBehavior::IMMEDIATE);
        tables.image.begin();
        tables.add(1, 7, "before");
        tables.image.end();
        tables.db.exec("INSERT INTO main.t SELECT * FROM batch.t");
    }
    tables.copy([&] { tables.add(1, 8, "after"); });
    CHECK(tables.number("SELECT number FROM t") == 8);
}
