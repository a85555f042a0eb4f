// SPDX-License-Identifier: Apache-2.0
//
// Against sorting all values, with few of them and with many.
#include "query/sql/distribution.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <SQLiteCpp/Statement.h>

#include "tests/catch.h"

using namespace ctrack::query;

namespace {

SQLite::Database with_values(const std::vector<std::int64_t>& values) {
    SQLite::Database db(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    add_distribution(db);
    db.exec("CREATE TABLE t (x)");
    SQLite::Statement insert(db, "INSERT INTO t VALUES (?)");
    for (const auto value : values) {
        insert.bind(1, value);
        insert.exec();
        insert.reset();
    }
    return db;
}

std::int64_t percentile(SQLite::Database& db, double percent) {
    return db.execAndGet("SELECT percentile(x, " + std::to_string(percent) + ") FROM t").getInt64();
}

} // namespace

TEST_CASE("percentile: the nearest rank, of whatever values and however many") {
    std::mt19937 random(1);
    std::lognormal_distribution<double> usual(6, 3);
    for (const std::size_t count : {1, 2, 100, 8191, 8192, 8193, 50'000}) {
        std::vector<std::int64_t> values(count);
        for (auto& value : values)
            value = std::llround(usual(random)) - 5;
        values.back() = 1LL << 40;
        auto db = with_values(values);
        std::sort(values.begin(), values.end());
        for (const double percent : {0.0, 0.1, 50.0, 90.0, 99.0, 99.9, 100.0}) {
            CAPTURE(count, percent);
            const auto rank = static_cast<std::size_t>(
                std::max(1.0, std::ceil(percent * static_cast<double>(count) / 100 - 1e-9)));
            CHECK(percentile(db, percent) == values[rank - 1]);
        }
    }
}
