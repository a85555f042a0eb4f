// SPDX-License-Identifier: Apache-2.0
#include "query/percentile.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sqlite3.h>

namespace ctrack::query {

namespace {

/// How often each value came: of millions of round trips only some ten thousand differ.
class Counts {
public:
    void add(std::int64_t value) {
        if (++total_ == many)
            count_small_ones_by_place();
        const auto place = static_cast<std::uint64_t>(value);
        ++(place < small_.size() ? small_[place] : others_[value]);
    }

    std::int64_t total() const { return total_; }

    /// Values with their counts, the lowest first.
    std::vector<std::pair<std::int64_t, std::int64_t>> sorted() const {
        std::vector<std::pair<std::int64_t, std::int64_t>> all(others_.begin(), others_.end());
        for (std::size_t value = 0; value < small_.size(); ++value)
            if (small_[value] > 0)
                all.emplace_back(value, small_[value]);
        std::sort(all.begin(), all.end());
        return all;
    }

private:
    // A microsecond of a round trip each, as far as most go. Of few values that would be
    // slower: there are groups of a single one.
    static constexpr std::int64_t many = 8192;
    static constexpr std::size_t most_small = 65'536;

    void count_small_ones_by_place() {
        small_.resize(most_small);
        std::erase_if(others_, [this](const auto& counted) {
            const auto place = static_cast<std::uint64_t>(counted.first);
            if (place < most_small)
                small_[place] = counted.second;
            return place < most_small;
        });
    }

    std::vector<std::int64_t> small_; ///< counts of 0, 1, 2, ...
    std::unordered_map<std::int64_t, std::int64_t> others_;
    std::int64_t total_ = 0;
};

struct Values {
    Counts counts;
    double percent = 0;
};

// SQLite owns the place of the pointer, and calls finish once for each group.
Values** values_of(sqlite3_context* context, bool make) {
    const int size = make ? sizeof(Values*) : 0;
    return static_cast<Values**>(sqlite3_aggregate_context(context, size));
}

void fail(sqlite3_context* context) {
    sqlite3_result_error(context, "percentile(X, P): P is a number from 0 to 100", -1);
}

void add_value(sqlite3_context* context, sqlite3_value** arguments) {
    auto** values = values_of(context, true);
    if (values == nullptr)
        throw std::bad_alloc();
    if (*values == nullptr)
        *values = new Values;
    (*values)->percent = sqlite3_value_double(arguments[1]);
    (*values)->counts.add(sqlite3_value_int64(arguments[0]));
}

void step(sqlite3_context* context, int, sqlite3_value** arguments) {
    const int type = sqlite3_value_type(arguments[1]);
    const double percent = sqlite3_value_double(arguments[1]);
    if ((type != SQLITE_INTEGER && type != SQLITE_FLOAT) || percent < 0 || percent > 100)
        return fail(context);
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL)
        return;
    try {
        add_value(context, arguments);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

constexpr double rounding = 1e-9; // 99.9 * 1000 / 100 is a little more than 999

std::int64_t percentile(const Values& values) {
    const auto sorted = values.counts.sorted();
    const auto total = static_cast<double>(values.counts.total());
    auto left =
        std::max<std::int64_t>(1, std::llround(std::ceil(values.percent * total / 100 - rounding)));
    auto place = sorted.begin();
    for (; left > place->second; ++place)
        left -= place->second;
    return place->first;
}

void finish(sqlite3_context* context) {
    auto** values = values_of(context, false);
    if (values == nullptr || *values == nullptr)
        return; // NULL
    try {
        sqlite3_result_int64(context, percentile(**values));
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
    delete *values;
}

} // namespace

void add_percentile(SQLite::Database& db) {
    db.createFunction("percentile", 2, true, nullptr, nullptr, step, finish, nullptr);
}

} // namespace ctrack::query
