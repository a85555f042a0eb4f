// SPDX-License-Identifier: Apache-2.0
//
// What we make as SQLite stores it against what SQLite makes.
#include "recorder/store/sqlite/incoming_table.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include "recorder/store/sqlite/bind.h"
#include "tests/catch.h"

using namespace ctrack;

namespace {

constexpr const char* copy = "INSERT INTO main.t SELECT * FROM incoming.t";

/// A file with a table t and a copy of it, to be filled by SQLite's own means.
class File {
public:
    explicit File(const std::string& columns)
        : db(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
        const std::string list = " (id INTEGER PRIMARY KEY, " + columns + ") STRICT";
        db.exec("CREATE TABLE t" + list);
        db.exec("CREATE TABLE expected" + list);
    }
    std::string text(const std::string& sql) { return db.execAndGet(sql).getString(); }
    std::int64_t number(const std::string& sql) { return db.execAndGet(sql).getInt64(); }

    void check_equal() {
        CHECK(text("PRAGMA main.integrity_check") == "ok");
        CHECK(text("PRAGMA incoming.integrity_check") == "ok");
        CHECK(number("SELECT count(*) FROM (SELECT * FROM t EXCEPT SELECT * FROM expected)") == 0);
        CHECK(number("SELECT count(*) FROM t") == number("SELECT count(*) FROM expected"));
        CHECK(payload_bytes("t") == payload_bytes("expected"));
    }

    SQLite::Database db;

private:
    std::int64_t payload_bytes(const std::string& table) {
        return number("SELECT sum(payload) FROM dbstat WHERE name = '" + table +
                      "' AND pagetype = 'leaf'");
    }
};

void add_integer(IncomingTable& incoming, std::int64_t id, std::int64_t value) {
    EncodedRow row;
    row.null();
    row.integer(value);
    incoming.add(id, row);
}

void add_integers(IncomingTable& incoming, std::int64_t first, std::int64_t count) {
    incoming.clear();
    for (std::int64_t id = first; id < first + count; ++id)
        add_integer(incoming, id, id * 1'000'003);
    incoming.show();
}

/// Reads all pages that are attached as `incoming` in the moment when SQLite compiles the ATTACH
/// by which it takes other ones. SQLite 3.46 reads of these pages there by itself.
class ReaderAtAttach {
public:
    explicit ReaderAtAttach(SQLite::Database& db) : db_(db.getHandle()) {
        sqlite3_set_authorizer(db_, authorize, this);
    }
    ~ReaderAtAttach() { sqlite3_set_authorizer(db_, nullptr, nullptr); }

    /// The whole numbers of pages that were read, one for each ATTACH.
    const std::vector<std::int64_t>& pages() const { return pages_; }

private:
    static int authorize(void* reader, int action, const char*, const char*, const char*,
                         const char*) {
        if (action == SQLITE_ATTACH)
            static_cast<ReaderAtAttach*>(reader)->read();
        return SQLITE_OK;
    }
    void read() {
        sqlite3_int64 bytes = 0;
        const auto* image = sqlite3_serialize(db_, "incoming", &bytes, SQLITE_SERIALIZE_NOCOPY);
        const std::string copy(reinterpret_cast<const char*>(image),
                               static_cast<std::size_t>(bytes));
        CHECK(copy.starts_with("SQLite format 3"));
        pages_.push_back(bytes / 32768);
    }

    sqlite3* db_;
    std::vector<std::int64_t> pages_;
};

} // namespace

TEST_CASE("incoming table: integers are stored as SQLite stores them") {
    File file("value INTEGER");
    IncomingTable incoming(file.db, "incoming", "t");
    std::vector<std::int64_t> values{0, 1, -1, std::numeric_limits<std::int64_t>::min(),
                                     std::numeric_limits<std::int64_t>::max()};
    for (int bits = 1; bits < 63; ++bits)
        for (const std::int64_t off : {-1, 0, 1})
            for (const std::int64_t sign : {-1, 1})
                values.push_back(sign * ((std::int64_t{1} << bits) + off));
    SQLite::Statement insert(file.db, "INSERT INTO expected VALUES (?, ?)");
    incoming.clear();
    std::int64_t id = 0;
    for (const std::int64_t value : values) {
        add_integer(incoming, ++id * 999, value);
        bind_all(insert, id * 999, value);
        insert.exec();
    }
    incoming.show();
    file.db.exec(copy);
    file.check_equal();
}

TEST_CASE("incoming table: texts and NULL are stored as SQLite stores them") {
    File file("number INTEGER, text TEXT");
    IncomingTable incoming(file.db, "incoming", "t");
    SQLite::Statement insert(file.db, "INSERT INTO expected VALUES (?, ?, ?)");
    incoming.clear();
    std::int64_t id = 0;
    for (const std::int64_t number : {0, 1, -1, 1000})
        for (const int length : {-1, 0, 1, 57, 58, 300, 8000}) {
            std::optional<std::string> text;
            if (length >= 0)
                text.emplace(static_cast<std::size_t>(length), 'x');
            EncodedRow row;
            row.null();
            row.integer(number);
            text ? row.text(*text) : row.null();
            incoming.add(++id, row);
            bind_all(insert, id, number, text);
            insert.exec();
        }
    incoming.show();
    file.db.exec(copy);
    file.check_equal();
}

TEST_CASE("incoming table: any number of rows, one time after another") {
    File file("value INTEGER");
    IncomingTable incoming(file.db, "incoming", "t");
    CHECK(file.number("SELECT count(*) FROM incoming.t") == 0);
    std::int64_t first = 1;
    for (const std::int64_t count : {1, 2, 2000, 3000, 200'000, 5, 0, 40'000}) {
        CAPTURE(count);
        add_integers(incoming, first, count);
        SQLite::Transaction transaction(file.db);
        CHECK(file.number("SELECT count(*) FROM incoming.t") == count);
        file.db.exec(copy);
        transaction.commit();
        first += count;
    }
    file.db.exec("WITH RECURSIVE ids(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids "
                 "WHERE id < 245008) INSERT INTO expected SELECT id, id * 1000003 FROM ids");
    file.check_equal();
}

TEST_CASE("incoming table: memory that SQLite has attached stays until it has attached other") {
    File file("value INTEGER");
    IncomingTable incoming(file.db, "incoming", "t");
    const ReaderAtAttach reader(file.db);
    add_integers(incoming, 1, 40'000);  // takes more memory than before
    add_integers(incoming, 1, 500'000); // takes more than is kept for the next time
    add_integers(incoming, 1, 1);       // has given it back
    CHECK(file.number("SELECT count(*) FROM incoming.t") == 1);
    CHECK(reader.pages().size() == 3);
    CHECK(std::ranges::is_sorted(reader.pages()));
}

TEST_CASE("incoming table: more rows than two levels of pages hold") {
    File file("text TEXT");
    IncomingTable incoming(file.db, "incoming", "t");
    constexpr int rows = 20'000; // four in a page
    incoming.clear();
    for (int id = 1; id <= rows; ++id) {
        EncodedRow row;
        row.null();
        row.text(std::string(8000, 'x'));
        incoming.add(id, row);
    }
    incoming.show();
    CHECK(file.text("PRAGMA incoming.integrity_check") == "ok");
    CHECK(file.number("SELECT count(*) FROM incoming.t WHERE length(text) = 8000") == rows);
    CHECK(file.number("SELECT sum(id) FROM incoming.t") == std::int64_t{rows} * (rows + 1) / 2);
}

TEST_CASE("incoming table: ids of whatever size") {
    File file("value INTEGER");
    IncomingTable incoming(file.db, "incoming", "t");
    incoming.clear();
    std::vector<std::int64_t> ids{std::numeric_limits<std::int64_t>::min() + 1, -1, 0, 1, 127, 128};
    for (int bits = 14; bits < 63; ++bits)
        for (const std::int64_t off : {-1, 0, 1})
            ids.push_back((std::int64_t{1} << bits) + off);
    for (std::int64_t more = 5000; more >= 0; --more) // enough for a second level
        ids.push_back(std::numeric_limits<std::int64_t>::max() - more);
    SQLite::Statement insert(file.db, "INSERT INTO expected VALUES (?1, ?1)");
    for (const std::int64_t id : ids) {
        add_integer(incoming, id, id);
        bind_all(insert, id);
        insert.exec();
    }
    incoming.show();
    file.db.exec(copy);
    file.check_equal();
}

TEST_CASE("incoming table: SQLite copies whole rows") {
    File file("value INTEGER NOT NULL CHECK (value > 0), text TEXT");
    const IncomingTable incoming(file.db, "incoming", "t");
    SQLite::Statement program(file.db, std::string("EXPLAIN ") + copy);
    std::string instructions;
    while (program.executeStep())
        instructions += program.getColumn("opcode").getString() + ' ';
    CHECK((instructions.find(" RowData ") != std::string::npos ||
           instructions.find(" RowCell ") != std::string::npos));
    CHECK(instructions.find(" Column ") == std::string::npos);
}

TEST_CASE("incoming table: what does not fit is refused, what is being read stays") {
    File file("text TEXT");
    IncomingTable incoming(file.db, "incoming", "t");
    EncodedRow row;
    CHECK_THROWS_AS(row.text(std::string(9000, 'x')), std::length_error);
    row.clear();
    for (int i = 0; i < 118; ++i)
        row.null();
    CHECK_THROWS_AS(row.null(), std::length_error);
    add_integers(incoming, 5, 1);
    CHECK_THROWS_AS(add_integer(incoming, 5, 1), std::logic_error);
    const SQLite::Transaction transaction(file.db);
    CHECK(file.number("SELECT count(*) FROM incoming.t") == 1);
    CHECK_THROWS_AS(incoming.show(), std::logic_error);
    CHECK_THROWS_AS(IncomingTable(file.db, "other", "none"), SQLite::Exception);
}
