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

// Reads a distribution, which SQLite holds as the bytes of its sorted values of type Counted.
std::vector<Counted> read(sqlite3_value* distribution) {
    const auto* bytes = sqlite3_value_blob(distribution);
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(distribution));
    std::vector<Counted> sorted(size / sizeof(Counted));
    if (!sorted.empty())
        std::memcpy(sorted.data(), bytes, sorted.size() * sizeof(Counted));
    return sorted;
}

// What an aggregate has seen of its group.
struct Tally {
    Counts counts;
    double percent = 0; // is the second argument of percentile()
};

// SQLite keeps the pointer of each group, which give() deletes at the group's end.
Tally& tally_of(sqlite3_context* context) {
    auto** tally = static_cast<Tally**>(sqlite3_aggregate_context(context, sizeof(void*)));
    if (tally == nullptr)
        throw std::bad_alloc();
    if (*tally == nullptr)
        *tally = new Tally;
    return **tally;
}

void add(Counts& counts, sqlite3_value* value) {
    if (sqlite3_value_type(value) != SQLITE_BLOB)
        return counts.add(sqlite3_value_int64(value));
    for (const auto& [number, times] : read(value))
        counts.add(number, times);
}

void add_value(sqlite3_context* context, sqlite3_value** arguments, double percent) {
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL)
        return;
    try {
        Tally& tally = tally_of(context);
        tally.percent = percent;
        add(tally.counts, arguments[0]);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

void distribution_step(sqlite3_context* context, int, sqlite3_value** arguments) {
    add_value(context, arguments, 0);
}

void percentile_step(sqlite3_context* context, int, sqlite3_value** arguments) {
    const int type = sqlite3_value_type(arguments[1]);
    const double percent = sqlite3_value_double(arguments[1]);
    if ((type != SQLITE_INTEGER && type != SQLITE_FLOAT) || percent < 0 || percent > 100)
        return sqlite3_result_error(context, "percentile(X, P): P is a number from 0 to 100", -1);
    add_value(context, arguments, percent);
}

void give_distribution(sqlite3_context* context, const Tally& tally) {
    const auto sorted = tally.counts.sorted();
    sqlite3_result_blob64(context, sorted.data(), sorted.size() * sizeof(Counted),
                          SQLITE_TRANSIENT);
}

void give_percentile(sqlite3_context* context, const Tally& tally) {
    sqlite3_result_int64(context, percentile_of(tally.counts.sorted(), tally.percent));
}

// The end of an aggregate: SQLite calls it once for each group. Without values it gives NULL.
template <void (*Give)(sqlite3_context*, const Tally&)> void finish(sqlite3_context* context) {
    auto** tally = static_cast<Tally**>(sqlite3_aggregate_context(context, 0));
    if (tally == nullptr || *tally == nullptr)
        return;
    try {
        Give(context, **tally);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
    delete *tally;
}

// A function of a distribution. Its result is NULL if the distribution is NULL.
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
    db.createFunction("distribution", 1, true, nullptr, nullptr, distribution_step,
                      finish<give_distribution>, nullptr);
    db.createFunction("percentile", 2, true, nullptr, nullptr, percentile_step,
                      finish<give_percentile>, nullptr);
    db.createFunction("percentile_of", 2, true, nullptr, of_some<percentile>, nullptr, nullptr,
                      nullptr);
    db.createFunction("average_of", 1, true, nullptr, of_some<average>, nullptr, nullptr, nullptr);
    for (const int arguments : {1, 3})
        db.createFunction("count_of", arguments, true, nullptr, count, nullptr, nullptr, nullptr);
}

} // namespace ctrack::query
