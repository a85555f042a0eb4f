// SPDX-License-Identifier: Apache-2.0
//
// The rings of one kind, read as if they were one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "recorder/ring.h"

namespace ctrack {

class Rings {
public:
    /// Called for each record; false stops the drain after it.
    using Handler = std::function<bool(std::span<const std::byte>)>;

    /// All are powers of two; bytes, those of all rings together, are rounded up to one.
    struct Layout {
        std::uint64_t bytes;
        std::uint64_t least_bytes_of_one; ///< rather fewer rings than smaller ones
        std::uint64_t most_rings;
    };

    /// Throws Error.
    Rings(const Layout& layout, Handler handler);

    const std::vector<Ring>& all() const { return rings_; }
    std::uint64_t bytes_of_one() const { return bytes_of_one_; }

    /// Hands all records to the handler that are there when it begins: those of a ring in
    /// their order, and those of different rings by their times. False if the handler stopped
    /// it before the end.
    bool drain();

    /// Whether all has been read that was written before the last mark().
    bool is_past_mark() const;
    void mark();

private:
    struct Head {
        RingReader* ring;
        std::span<const std::byte> record;
        std::uint64_t time_ns; ///< its second word
    };

    static bool take_head(Head& head);

    std::uint64_t bytes_of_one_;
    Handler handler_;
    std::vector<Ring> rings_;
    std::vector<std::uint64_t> mark_; ///< positions
    std::vector<Head> heads_;         ///< of the rings that are not empty
};

} // namespace ctrack
