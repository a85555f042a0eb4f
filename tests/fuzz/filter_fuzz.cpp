// SPDX-License-Identifier: Apache-2.0
//
// Arbitrary text as a filter. It is refused with a UsageError, or becomes SQL that
// holds nothing of the text and that SQLite understands.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "query/base/usage_error.h"
#include "query/filter/functions.h"
#include "query/filter/parser.h"

using namespace ctrack::query;

namespace {

constexpr std::int64_t now = 1'795'270'985'000'000;

void require(bool condition) {
    if (!condition)
        std::abort();
}

// What a condition is asked of: a table with a column for each field, and those that fields are
// worked out from.
SQLite::Database make_database() {
    SQLite::Database db(":memory:", SQLite::OPEN_READWRITE);
    filter::add_functions(db);
    db.exec("CREATE TEMP TABLE filter_values (n INTEGER PRIMARY KEY, value)");
    db.exec("CREATE TABLE facts "
            "(bytes_sent, bytes_received, waits_for, waited_until_us, alive_until_us)");
    for (const auto& field : filter::fields())
        try {
            db.exec("ALTER TABLE facts ADD COLUMN " + std::string(field.column));
        } catch (const SQLite::Exception&) { // it is there
        }
    return db;
}

void check(const filter::Condition& condition) {
    constexpr std::string_view harmless =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ().,=<>+";
    const auto sql = filter::executable_sql(condition);
    require(sql.find_first_not_of(harmless) == std::string::npos);
    static SQLite::Database db = make_database();
    SQLite::Statement(db, "SELECT * FROM facts WHERE " + sql).executeStep();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto condition = filter::parse(text, now);
        require(condition.values.size() >= condition.tests);
        check(condition);
    } catch (const UsageError& e) {
        require(std::string_view(e.what()).starts_with("bad filter"));
    }
    return 0;
}
