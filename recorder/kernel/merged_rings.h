// SPDX-License-Identifier: Apache-2.0
//
// The rings of one kind, read as if they were one. This file knows no libbpf.
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

/// Takes the bytes of one record. It returns false to say that it wants no more for now.
using RecordHandler = std::function<bool(std::span<const std::byte>)>;

/// The Reader is a RingReader or a SampleReader.
template <class Reader> class MergedRings {
public:
    explicit MergedRings(std::vector<Reader> readers)
        : readers_(std::move(readers)), mark_(readers_.size()) {}

    /// Hands the handler all records that are there when the call begins. Records of one ring come
    /// in the order of that ring; whichever ring has the oldest record comes next. Returns false
    /// if the handler wanted no more before the end; the next call goes on after that record.
    bool drain(const RecordHandler& handler);

    /// Marks the positions up to which the rings are written now.
    void mark() { std::ranges::transform(readers_, mark_.begin(), &Reader::written); }

    /// True once all has been read that was written before the last mark().
    bool is_past_mark() const {
        return std::ranges::equal(readers_, mark_, std::ranges::greater_equal{}, &Reader::read);
    }

private:
    /// The oldest record of a ring.
    struct Head {
        Reader* reader;
        std::span<const std::byte> record;
        std::uint64_t time_ns; ///< every record has its time in its second word
    };

    static bool take_head(Head& head);
    void look();

    std::vector<Reader> readers_;
    std::vector<std::uint64_t> mark_; ///< a position for each reader
    std::vector<Head> heads_;         ///< of the rings that are not empty
};

// Returns false if the ring has no record to take now.
template <class Reader> bool MergedRings<Reader>::take_head(Head& head) {
    head.record = head.reader->front();
    if (head.record.empty())
        return false;
    std::memcpy(&head.time_ns, head.record.data() + sizeof(std::uint64_t), sizeof head.time_ns);
    return true;
}

template <class Reader> void MergedRings<Reader>::look() {
    std::ranges::for_each(readers_, &Reader::look);
    heads_.clear();
    for (Reader& reader : readers_)
        if (Head head{&reader, {}, 0}; take_head(head))
            heads_.push_back(head);
}

template <class Reader> bool MergedRings<Reader>::drain(const RecordHandler& handler) {
    look();
    bool go_on = true;
    while (go_on && !heads_.empty()) {
        const auto oldest = std::ranges::min_element(heads_, {}, &Head::time_ns);
        go_on = handler(oldest->record);
        oldest->reader->pop();
        if (!take_head(*oldest))
            heads_.erase(oldest);
    }
    std::ranges::for_each(readers_, &Reader::release);
    return go_on;
}

} // namespace ctrack
