// SPDX-License-Identifier: Apache-2.0
#include "recorder/rings.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace ctrack {

Rings::Rings(const Layout& layout, Handler handler) : handler_(std::move(handler)) {
    const std::uint64_t total = std::bit_ceil(std::max<std::uint64_t>(layout.bytes, page_bytes()));
    const std::uint64_t rings =
        std::clamp<std::uint64_t>(total / layout.least_bytes_of_one, 1, layout.most_rings);
    bytes_of_one_ = total / rings;
    for (std::uint64_t i = 0; i < rings; ++i)
        rings_.emplace_back(static_cast<std::uint32_t>(bytes_of_one_));
    mark_.resize(rings_.size());
}

// False if there is nothing (more) to take from its ring.
bool Rings::take_head(Head& head) {
    head.record = head.ring->front();
    if (head.record.empty())
        return false;
    std::memcpy(&head.time_ns, head.record.data() + sizeof(std::uint64_t), sizeof head.time_ns);
    return true;
}

bool Rings::drain() {
    for (Ring& ring : rings_)
        ring.reader().look();
    heads_.clear();
    for (Ring& ring : rings_)
        if (Head head{&ring.reader(), {}, 0}; take_head(head))
            heads_.push_back(head);
    bool go_on = true;
    while (go_on && !heads_.empty()) {
        const auto oldest = std::ranges::min_element(heads_, {}, &Head::time_ns);
        go_on = handler_(oldest->record);
        oldest->ring->pop();
        if (!take_head(*oldest))
            heads_.erase(oldest);
    }
    for (Ring& ring : rings_)
        ring.reader().release();
    return go_on;
}

bool Rings::is_past_mark() const {
    return std::ranges::equal(rings_, mark_, std::ranges::greater_equal{},
                              [](const Ring& ring) { return ring.reader().read(); });
}

void Rings::mark() {
    std::ranges::transform(rings_, mark_.begin(),
                           [](const Ring& ring) { return ring.reader().written(); });
}

} // namespace ctrack
