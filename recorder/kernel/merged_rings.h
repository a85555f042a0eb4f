// SPDX-License-Identifier: Apache-2.0
//
// The rings of one kind, read as if they were one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace ctrack {

/// Called for each record; false stops the drain after it.
using RecordHandler = std::function<bool(std::span<const std::byte>)>;

/// Reader: RingReader or SampleReader.
template <class Reader> class Rings {
public:
    Rings(std::vector<Reader> readers, RecordHandler handler)
        : handler_(std::move(handler)), readers_(std::move(readers)), mark_(readers_.size()) {}

    /// Hands all records to the handler that are there when it begins: those of a ring in
    /// their order, and those of different rings by their times. False if the handler stopped
    /// it before the end.
    bool drain();

    /// Whether all has been read that was written before the last mark().
    bool is_past_mark() const {
        return std::ranges::equal(readers_, mark_, std::ranges::greater_equal{}, &Reader::read);
    }
    void mark() { std::ranges::transform(readers_, mark_.begin(), &Reader::written); }

private:
    struct Head {
        Reader* reader;
        std::span<const std::byte> record;
        std::uint64_t time_ns; ///< its second word
    };

    static bool take_head(Head& head);
    void look();

    RecordHandler handler_;
    std::vector<Reader> readers_;
    std::vector<std::uint64_t> mark_; ///< positions
    std::vector<Head> heads_;         ///< of the rings that are not empty
};

// False if there is nothing (more) to take from its ring.
template <class Reader> bool Rings<Reader>::take_head(Head& head) {
    head.record = head.reader->front();
    if (head.record.empty())
        return false;
    std::memcpy(&head.time_ns, head.record.data() + sizeof(std::uint64_t), sizeof head.time_ns);
    return true;
}

template <class Reader> void Rings<Reader>::look() {
    std::ranges::for_each(readers_, &Reader::look);
    heads_.clear();
    for (Reader& reader : readers_)
        if (Head head{&reader, {}, 0}; take_head(head))
            heads_.push_back(head);
}

template <class Reader> bool Rings<Reader>::drain() {
    look();
    bool go_on = true;
    while (go_on && !heads_.empty()) {
        const auto oldest = std::ranges::min_element(heads_, {}, &Head::time_ns);
        go_on = handler_(oldest->record);
        oldest->reader->pop();
        if (!take_head(*oldest))
            heads_.erase(oldest);
    }
    std::ranges::for_each(readers_, &Reader::release);
    return go_on;
}

} // namespace ctrack
