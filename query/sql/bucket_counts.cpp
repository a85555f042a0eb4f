// SPDX-License-Identifier: Apache-2.0
#include "query/sql/bucket_counts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <new>
#include <string_view>
#include <vector>

#include <sqlite3.h>

#include "common/rtt_buckets.h"
#include "query/sql/counts.h"

namespace ctrack::query {

namespace {

using BucketLimits = std::numeric_limits<std::int64_t>;

// What the aggregate has seen of its group.
struct Buckets {
    std::array<std::int64_t, rtt_buckets> times{};
    std::int64_t min_us = BucketLimits::max(), max_us = BucketLimits::min();
};

Buckets* buckets_of(sqlite3_context* context, bool is_step) {
    auto** buckets =
        static_cast<Buckets**>(sqlite3_aggregate_context(context, is_step ? sizeof(void*) : 0));
    if (buckets != nullptr && *buckets == nullptr && is_step)
        *buckets = new (std::nothrow) Buckets;
    return buckets == nullptr ? nullptr : *buckets;
}

// The next number of the text, which is taken off it; -1 if there is none. More than 2^40 samples
// of a minute are nobody's.
std::int64_t take_number(std::string_view& text) {
    constexpr std::int64_t most = std::int64_t{1} << 40;
    text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
    std::int64_t number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc() ? std::min(number, most) : -1;
}

// Reads {"72":3,"73":1}. What no recorder writes is passed over.
void add(Buckets& buckets, std::string_view text) {
    while (!text.empty()) {
        const auto bucket = take_number(text);
        const auto times = take_number(text);
        if (bucket >= 0 && bucket < std::ssize(buckets.times) && times > 0)
            buckets.times[static_cast<std::size_t>(bucket)] += times;
    }
}

void count_buckets(sqlite3_context* context, int, sqlite3_value** arguments) {
    auto* buckets = buckets_of(context, true);
    if (buckets == nullptr)
        return sqlite3_result_error_nomem(context);
    if (sqlite3_value_type(arguments[1]) == SQLITE_NULL) // it has no samples
        return;
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(arguments[0]));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(arguments[0]));
    add(*buckets, text == nullptr ? std::string_view() : std::string_view(text, size));
    buckets->min_us = std::min<std::int64_t>(buckets->min_us, sqlite3_value_int64(arguments[1]));
    buckets->max_us = std::max<std::int64_t>(buckets->max_us, sqlite3_value_int64(arguments[2]));
}

std::vector<Counted> sorted(const Buckets& buckets) {
    std::vector<Counted> counts;
    for (std::size_t bucket = 0; bucket < rtt_buckets; ++bucket)
        if (const auto times = buckets.times[bucket])
            counts.push_back({middle_of_rtt_bucket(bucket), times});
    return counts;
}

// One of the samples at an end of the counts was that long.
void set_end(std::vector<Counted>& counts, bool is_first, std::int64_t rtt_us) {
    auto end = is_first ? counts.begin() : counts.end() - 1;
    if (end->times == 1) {
        end->value = rtt_us;
        return;
    }
    --end->times;
    counts.insert(is_first ? counts.begin() : counts.end(), {rtt_us, 1});
}

void give_buckets(sqlite3_context* context) {
    auto* buckets = buckets_of(context, false);
    if (buckets == nullptr)
        return;
    try {
        auto counts = sorted(*buckets);
        if (!counts.empty()) {
            set_end(counts, true, buckets->min_us);
            set_end(counts, false, buckets->max_us);
            sqlite3_result_blob64(context, counts.data(), counts.size() * sizeof(Counted),
                                  SQLITE_TRANSIENT);
        }
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
    delete buckets;
}

} // namespace

void add_bucket_counts(SQLite::Database& db) {
    db.createFunction("distribution_of_buckets", 3, true, nullptr, nullptr, count_buckets,
                      give_buckets, nullptr);
}

} // namespace ctrack::query
