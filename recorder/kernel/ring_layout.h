// SPDX-License-Identifier: Apache-2.0
//
// Where the sizes of the rings come from: how many bytes they have by default, and how the bytes
// of a kind of rings are divided among them. It is pure.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace ctrack {

/// By default the rings hold what arrives at 30,000 connections a second while nobody reads them
/// for two seconds: one second in which the disk stands still, and one more for the commit before
/// it and for what has queued behind it. Sizes of rings are powers of two.
constexpr std::uint64_t bytes_for_burst(std::uint64_t bytes_of_connection) {
    constexpr std::uint64_t connections_per_second = 30'000;
    constexpr std::uint64_t seconds = 2;
    return std::bit_ceil(connections_per_second * seconds * bytes_of_connection);
}

/// What a connection with both ends on this host takes of the rings, as `scripts/bench loss`
/// measures it (bench/README.md): 31.4 MiB and 5.5 MiB a second.
inline constexpr std::uint64_t default_lifecycle_bytes = bytes_for_burst(1'096); // 64 MiB
inline constexpr std::uint64_t default_sample_bytes = bytes_for_burst(192);      // 16 MiB

/// How the bytes of a kind of rings are divided.
struct RingLayout {
    std::uint64_t rings;        ///< how many there are, a power of two
    std::uint64_t bytes_of_one; ///< a power of two, at least a page
};

/// These round the bytes up to a power of two. They prefer few large rings to many small ones.
RingLayout lay_out_lifecycle_rings(std::uint64_t bytes);
RingLayout lay_out_sample_rings(std::uint64_t bytes);

/// How much must have been written to a ring before it wakes the recorder: a quarter of the
/// smallest ring, so that the rest has room for what comes until the recorder runs, but at most
/// 256 KiB.
std::uint64_t wakeup_bytes(const RingLayout& lifecycle, const RingLayout& samples);

/// The size of a page of memory, the least that a ring can have.
std::size_t page_bytes();

} // namespace ctrack
