// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace ctrack::query {

/// A value, and how often it was added.
struct Counted {
    std::int64_t value;
    std::int64_t times;
};

/// Counts how often each value was added. Millions of round trips have only some ten thousand
/// different values.
class Counts {
public:
    void add(std::int64_t value, std::int64_t times = 1) {
        total_ += times;
        if (total_ >= many && small_.empty())
            count_small_ones_by_place();
        const auto place = static_cast<std::uint64_t>(value);
        (place < small_.size() ? small_[place] : others_[value]) += times;
    }

    /// The values and their counts, the lowest value first.
    std::vector<Counted> sorted() const;

private:
    // After this many values, those below most_small are counted in an array: one counter per
    // microsecond, up to where most round trips lie. With few values the array would be slower than
    // the map, and there are groups of a single value.
    static constexpr std::int64_t many = 8192;
    static constexpr std::size_t most_small = 65'536;

    void count_small_ones_by_place();

    std::vector<std::int64_t> small_; ///< are the counts of the values 0, 1, 2, ...
    std::unordered_map<std::int64_t, std::int64_t> others_;
    std::int64_t total_ = 0;
};

/// The least value (of at least one) that so many percent of the values do not exceed.
std::int64_t percentile_of(const std::vector<Counted>& sorted, double percent);

} // namespace ctrack::query
