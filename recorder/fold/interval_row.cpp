// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/interval_row.h"

#include <algorithm>
#include <limits>

namespace ctrack {

namespace {

constexpr std::uint32_t most_retrans_segs = (1 << 21) - 1;
constexpr std::uint32_t most_segs = (1 << 24) - 1;
constexpr std::uint32_t most_10ms = (1 << 14) - 1;

// In the file a time is in 10 ms: then a second takes one byte.
constexpr std::uint32_t stored_ms = 10;

std::uint32_t whole(std::uint32_t ms) { return ms - ms % stored_ms; }

// How much a counter has grown, at most so much, which then counts as told.
template <class Count> std::int64_t tell(Count now, Count& told, Count most) {
    const Count moved = std::min<Count>(now > told ? now - told : 0, most);
    told += moved;
    return static_cast<std::int64_t>(moved);
}

template <class Count> std::int64_t tell(Count now, Count& told) {
    return tell(now, told, std::numeric_limits<Count>::max());
}

// How much a time has grown, in 10 ms.
std::int64_t tell_time(std::uint32_t now_ms, std::uint32_t& told_ms) {
    return tell(now_ms, told_ms, most_10ms * stored_ms) / stored_ms;
}

// Few segments, as they mostly are, take few bytes in the file.
constexpr std::int64_t begin_of_large = 1 << 14;

std::int64_t both_segs(std::int64_t sent, std::int64_t received) {
    const std::int64_t larger = std::max(sent, received);
    if (larger < 128)
        return sent << 7 | received;
    return larger < 4096 ? -1 - (sent << 12 | received) : begin_of_large + (sent << 24 | received);
}

struct Segs {
    std::uint32_t sent, received;
};

Segs segs_in(std::int64_t both) {
    const auto split = [](std::int64_t packed, int bits) {
        return Segs{static_cast<std::uint32_t>(packed >> bits),
                    static_cast<std::uint32_t>(packed & ((1 << bits) - 1))};
    };
    if (both < 0)
        return split(-1 - both, 12);
    return both < begin_of_large ? split(both, 7) : split(both - begin_of_large, 24);
}

// A time of held_up, in milliseconds.
std::uint32_t time_in(std::int64_t held_up, int shift) {
    return (static_cast<std::uint32_t>(held_up >> shift) & most_10ms) * stored_ms;
}

} // namespace

Counters Counters::of(const ctrack_summary& s) {
    return {s.bytes_sent,
            s.bytes_received,
            s.segs_sent,
            s.segs_received,
            s.retrans_segs,
            whole(s.busy_ms),
            whole(s.rwnd_limited_ms),
            whole(s.sndbuf_limited_ms)};
}

Counters& Counters::operator+=(const Counters& more) {
    bytes_sent += more.bytes_sent;
    bytes_received += more.bytes_received;
    segs_sent += more.segs_sent;
    segs_received += more.segs_received;
    retrans_segs += more.retrans_segs;
    busy_ms += more.busy_ms;
    rwnd_limited_ms += more.rwnd_limited_ms;
    sndbuf_limited_ms += more.sndbuf_limited_ms;
    return *this;
}

Counters least(const Counters& a, const Counters& b) {
    return {std::min(a.bytes_sent, b.bytes_sent),
            std::min(a.bytes_received, b.bytes_received),
            std::min(a.segs_sent, b.segs_sent),
            std::min(a.segs_received, b.segs_received),
            std::min(a.retrans_segs, b.retrans_segs),
            std::min(a.busy_ms, b.busy_ms),
            std::min(a.rwnd_limited_ms, b.rwnd_limited_ms),
            std::min(a.sndbuf_limited_ms, b.sndbuf_limited_ms)};
}

IntervalRow tell_moved(std::int64_t connection_id, const Counters& now, Counters& told) {
    return {.connection_id = connection_id,
            .bytes_sent = tell(now.bytes_sent, told.bytes_sent),
            .bytes_received = tell(now.bytes_received, told.bytes_received),
            .segs = both_segs(tell(now.segs_sent, told.segs_sent, most_segs),
                              tell(now.segs_received, told.segs_received, most_segs)),
            .held_up = tell(now.retrans_segs, told.retrans_segs, most_retrans_segs) << 42 |
                       tell_time(now.rwnd_limited_ms, told.rwnd_limited_ms) << 28 |
                       tell_time(now.sndbuf_limited_ms, told.sndbuf_limited_ms) << 14 |
                       tell_time(now.busy_ms, told.busy_ms)};
}

Counters moved_in(const IntervalRow& row) {
    const auto [sent, received] = segs_in(row.segs);
    return {static_cast<std::uint64_t>(row.bytes_sent),
            static_cast<std::uint64_t>(row.bytes_received),
            sent,
            received,
            static_cast<std::uint32_t>(row.held_up >> 42),
            time_in(row.held_up, 0),
            time_in(row.held_up, 28),
            time_in(row.held_up, 14)};
}

// Of the first walk it is not known when what it meets had begun to move: that is told as it comes.
void IntervalTimes::begin_walk(std::int64_t now_us) {
    walking_ = true;
    walk_us_ = now_us;
    from_us_ = std::min(from_us_, now_us);
}

void IntervalTimes::begin_before(std::int64_t time_us) {
    before_us_ = std::min(before_us_, time_us);
}

void IntervalTimes::include(std::int64_t until_us) { until_us_ = std::max(until_us_, until_us); }

std::int64_t IntervalTimes::from_us() const { return std::min(from_us_, before_us_); }

// The kernel's time and ours may differ a little after a suspend, and no interval has no length.
std::int64_t IntervalTimes::until_us() const { return std::max(until_us_, from_us() + 1); }

void IntervalTimes::taken() {
    before_us_ = never;
    if (!walking_)
        from_us_ = walk_us_;
}

} // namespace ctrack
