// SPDX-License-Identifier: Apache-2.0
#include "query/sql/share.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <sqlite3.h>

namespace ctrack::query {

namespace {

struct Growth {
    std::int64_t count, from, until;

    // The count at this moment. A long double holds each of these numbers as it is.
    std::int64_t at(std::int64_t time) const {
        if (time >= until)
            return count;
        const auto since = static_cast<long double>(time) - static_cast<long double>(from);
        const auto length = static_cast<long double>(until) - static_cast<long double>(from);
        return time <= from ? 0
                            : static_cast<std::int64_t>(
                                  std::floor(static_cast<long double>(count) * since / length));
    }
};

void share(sqlite3_context* context, int, sqlite3_value** values) {
    const auto value = [&](int i) { return std::int64_t{sqlite3_value_int64(values[i])}; };
    const auto begin = value(3), end = value(4);
    const Growth growth{value(0), value(1), std::max(value(1), value(2))};
    if (growth.from == growth.until) // all of it came at once
        sqlite3_result_int64(context, begin <= growth.from && growth.from < end ? growth.count : 0);
    else if (begin < end)
        sqlite3_result_int64(context, growth.at(end) - growth.at(begin));
    else
        sqlite3_result_int64(context, 0);
}

} // namespace

void add_share(SQLite::Database& db) {
    db.createFunction("share", 5, true, nullptr, share, nullptr, nullptr, nullptr);
}

} // namespace ctrack::query
