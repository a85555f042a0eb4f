// SPDX-License-Identifier: Apache-2.0
#include "query/sql/counts.h"

#include <algorithm>
#include <cmath>

namespace ctrack::query {

namespace {

constexpr double rounding = 1e-9; // because 99.9 * 1000 / 100 is a little more than 999

} // namespace

std::vector<Counted> Counts::sorted() const {
    std::vector<Counted> all;
    for (const auto& [value, times] : others_)
        all.push_back({value, times});
    for (std::size_t value = 0; value < small_.size(); ++value)
        if (small_[value] > 0)
            all.push_back({static_cast<std::int64_t>(value), small_[value]});
    std::sort(all.begin(), all.end(),
              [](const Counted& a, const Counted& b) { return a.value < b.value; });
    return all;
}

void Counts::count_small_ones_by_place() {
    small_.resize(most_small);
    std::erase_if(others_, [this](const auto& counted) {
        const auto place = static_cast<std::uint64_t>(counted.first);
        if (place < most_small)
            small_[place] = counted.second;
        return place < most_small;
    });
}

std::int64_t percentile_of(const std::vector<Counted>& sorted, double percent) {
    std::int64_t total = 0;
    for (const auto& counted : sorted)
        total += counted.times;
    auto left = std::max<std::int64_t>(
        1, std::llround(std::ceil(percent * static_cast<double>(total) / 100 - rounding)));
    auto place = sorted.begin();
    for (; left > place->times && place + 1 != sorted.end(); ++place)
        left -= place->times;
    return place->value;
}

} // namespace ctrack::query
