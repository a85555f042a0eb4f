// SPDX-License-Identifier: Apache-2.0
//
// How long one end of a connection waited for the other, as far as summaries show it. It is pure.
#pragma once

#include <cstdint>
#include <optional>

#include "bpf/ctrack_event.h"

namespace ctrack {

/// The longest of its kind so far.
struct Waits {
    /// The peer's host had acknowledged all that was sent, and no data came.
    std::uint32_t for_peer_ms = 0;
    /// Data of the peer had come, and none was sent.
    std::uint32_t for_local_ms = 0;
};

/// Adds what a summary shows. `before` is the summary before it, if there was one. A wait is over
/// when the connection leaves ESTABLISHED, which was at this time (0: it has not, or nobody saw
/// it).
///
/// A wait that goes on is known exactly. Of one that is over, the time from the last data sent to
/// the last data that came is taken, unless much came, or some had come earlier: then data streams.
void note_waits(Waits& waits, const ctrack_summary* before, const ctrack_summary& now,
                std::uint64_t left_established_ns);

/// Adds that nothing has happened from a summary until this time: a wait that the summary shows
/// goes on.
void note_unmoved(Waits& waits, const ctrack_summary& known, std::uint64_t time_ns);

/// For whom an open connection waits.
enum class WaitsFor { peer, local };
std::optional<WaitsFor> waits_for(const ctrack_summary& summary);

} // namespace ctrack
