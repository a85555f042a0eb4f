// SPDX-License-Identifier: Apache-2.0
#include "query/sql/distribution.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

#include <sqlite3.h>

#include "query/sql/counts.h"

namespace ctrack::query {

namespace {

// As SQLite holds it: the bytes of its Counted, sorted.
std::vector<Counted> read(sqlite3_value* distribution) {
    const auto* bytes = sqlite3_value_blob(distribution);
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(distribution));
    std::vector<Counted> sorted(size / sizeof(Counted));
    if (!sorted.empty())
        std::memcpy(sorted.data(), bytes, sorted.size() * sizeof(Counted));
    return sorted;
}

// SQLite owns the place of the pointer, and calls finish once for each group.
Counts& counts_of(sqlite3_context* context) {
    auto** counts = static_cast<Counts**>(sqlite3_aggregate_context(context, sizeof(Counts*)));
    if (counts == nullptr)
        throw std::bad_alloc();
    if (*counts == nullptr)
        *counts = new Counts;
    return **counts;
}

void add(Counts& counts, sqlite3_value* value) {
    if (sqlite3_value_type(value) != SQLITE_BLOB)
        return counts.add(sqlite3_value_int64(value));
    for (const auto& [number, times] : read(value))
        counts.add(number, times);
}

void step(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL)
        return;
    try {
        add(counts_of(context), arguments[0]);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

void finish(sqlite3_context* context) {
    auto** counts = static_cast<Counts**>(sqlite3_aggregate_context(context, 0));
    if (counts == nullptr || *counts == nullptr)
        return; // NULL
    try {
        const auto sorted = (*counts)->sorted();
        sqlite3_result_blob64(context, sorted.data(), sorted.size() * sizeof(Counted),
                              SQLITE_TRANSIENT);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
    delete *counts;
}

// A function of a distribution that is NULL without one.
template <void (*Result)(sqlite3_context*, const std::vector<Counted>&, sqlite3_value**)>
void of_some(sqlite3_context* context, int, sqlite3_value** arguments) {
    try {
        if (const auto sorted = read(arguments[0]); !sorted.empty())
            Result(context, sorted, arguments);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

void percentile(sqlite3_context* context, const std::vector<Counted>& sorted,
                sqlite3_value** arguments) {
    const double percent = std::clamp(sqlite3_value_double(arguments[1]), 0.0, 100.0);
    sqlite3_result_int64(context, percentile_of(sorted, percent));
}

void average(sqlite3_context* context, const std::vector<Counted>& sorted, sqlite3_value**) {
    double sum = 0;
    double count = 0;
    for (const auto& [value, times] : sorted) {
        sum += static_cast<double>(value) * static_cast<double>(times);
        count += static_cast<double>(times);
    }
    sqlite3_result_double(context, sum / count);
}

void count(sqlite3_context* context, int arguments_count, sqlite3_value** arguments) {
    using Limits = std::numeric_limits<std::int64_t>;
    const bool is_part = arguments_count == 3;
    const auto from = is_part ? sqlite3_value_int64(arguments[1]) : Limits::min();
    const auto to = is_part ? sqlite3_value_int64(arguments[2]) : Limits::max();
    try {
        std::int64_t times = 0;
        for (const auto& counted : read(arguments[0]))
            times += counted.value >= from && counted.value <= to ? counted.times : 0;
        sqlite3_result_int64(context, times);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

} // namespace

void add_distribution(SQLite::Database& db) {
    db.createFunction("distribution", 1, true, nullptr, nullptr, step, finish, nullptr);
    db.createFunction("percentile_of", 2, true, nullptr, of_some<percentile>, nullptr, nullptr,
                      nullptr);
    db.createFunction("average_of", 1, true, nullptr, of_some<average>, nullptr, nullptr, nullptr);
    for (const int arguments : {1, 3})
        db.createFunction("count_of", arguments, true, nullptr, count, nullptr, nullptr, nullptr);
}

} // namespace ctrack::query
