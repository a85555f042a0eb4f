// SPDX-License-Identifier: Apache-2.0
//
// What a connection moved in an interval, as it is stored: the fields are the columns of
// packed_intervals, in order. The view intervals in schema/schema.sql takes the last two apart
// again.
#pragma once

#include <cstdint>

#include "bpf/ctrack_event.h"

namespace ctrack {

struct IntervalRow {
    static constexpr const char* columns =
        "connection_id, bytes_sent, bytes_received, segs, held_up";

    std::int64_t connection_id;
    std::int64_t bytes_sent;
    std::int64_t bytes_received;
    std::int64_t segs;
    std::int64_t held_up;
};

/// The counters of which intervals tell. Times are rounded down to 10 ms, as intervals are stored.
struct Counters {
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint32_t segs_sent = 0;
    std::uint32_t segs_received = 0;
    std::uint32_t retrans_segs = 0;
    std::uint32_t busy_ms = 0;
    std::uint32_t rwnd_limited_ms = 0;
    std::uint32_t sndbuf_limited_ms = 0;

    Counters& operator+=(const Counters& more);
    static Counters of(const ctrack_summary& summary);
    bool operator==(const Counters&) const = default;
};

/// The lesser of each counter.
Counters least(const Counters& a, const Counters& b);

/// The row of what was added since `told`, to which it is then added. What does not fit into the
/// row's bits is left for the next one.
IntervalRow tell_moved(std::int64_t connection_id, const Counters& now, Counters& told);

/// What a row tells, as the view does.
Counters moved_in(const IntervalRow& row);

/// When the intervals of a batch begin and end. They begin with the walk before theirs: what they
/// tell had not moved then.
class IntervalTimes {
public:
    /// Say when the walk begins, and when it has met all connections.
    void begin_walk(std::int64_t now_us);
    void all_met() { walking_ = false; }

    /// Says that an interval is longer than the others, as the recorder was not there.
    void begin_before(std::int64_t time_us);
    /// Says that an interval of the batch ends at this time.
    void include(std::int64_t until_us);

    std::int64_t from_us() const;
    std::int64_t until_us() const;

    /// Says that the batch is taken. Intervals of the next one begin with the newest walk, unless
    /// that has not met all connections.
    void taken();

private:
    static constexpr std::int64_t never = INT64_MAX / 2;

    bool walking_ = false;
    std::int64_t from_us_ = never, walk_us_ = never;
    std::int64_t before_us_ = never; ///< see begin_before()
    std::int64_t until_us_ = 0;
};

} // namespace ctrack
