// SPDX-License-Identifier: Apache-2.0
#include "common/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ctrack {

namespace {

// How many letters must be changed, added or left out to make one word of the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
        }
    }
    return row.back();
}

} // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
    const auto most_letters_off = (name.size() + 2) / 3; // is a third, rounded up
    std::string best;
    auto best_distance = most_letters_off + 1;
    for (const auto& candidate : candidates) {
        const bool begins_so = !name.empty() && candidate.starts_with(name);
        const auto off = begins_so ? 0 : distance(name, candidate);
        if (off < best_distance && off < candidate.size()) {
            best = candidate;
            best_distance = off;
        }
    }
    return best;
}

} // namespace ctrack
