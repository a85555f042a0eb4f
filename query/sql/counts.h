// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace ctrack::query {

/// A value, and how often it came.
struct Counted {
    std::int64_t value;
    std::int64_t times;
};

/// How often each value came: of millions of round trips only some ten thousand differ.
class Counts {
public:
    void add(std::int64_t value, std::int64_t times = 1) {
        total_ += times;
        if (total_ >= many && small_.empty())
            count_small_ones_by_place();
        const auto place = static_cast<std::uint64_t>(value);
        (place < small_.size() ? small_[place] : others_[value]) += times;
    }

    /// The lowest first.
    std::vector<Counted> sorted() const;

private:
    // A microsecond of a round trip each, as far as most go. Of few values that would be
    // slower: there are groups of a single one.
    static constexpr std::int64_t many = 8192;
    static constexpr std::size_t most_small = 65'536;

    void count_small_ones_by_place();

    std::vector<std::int64_t> small_; ///< counts of 0, 1, 2, ...
    std::unordered_map<std::int64_t, std::int64_t> others_;
    std::int64_t total_ = 0;
};

/// The least of the values, of which there are some, that so many percent do not exceed.
std::int64_t percentile_of(const std::vector<Counted>& sorted, double percent);

} // namespace ctrack::query
