// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/socket_summary.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace ctrack {

void add_sample(ctrack_summary& summary, const ctrack_rtt& sample) {
    if (sample.time_ns <= summary.event.time_ns)
        return;
    summary.rtt_min_us = summary.rtt_samples
                             ? std::min<std::uint32_t>(summary.rtt_min_us, sample.rtt_us)
                             : sample.rtt_us;
    summary.rtt_max_us = std::max<std::uint32_t>(summary.rtt_max_us, sample.rtt_us);
    summary.rtt_sum_us += sample.rtt_us;
    ++summary.rtt_samples;
}

bool is_outdated(const ctrack_summary& summary, const ctrack_summary& known) {
    return summary.event.kind != CTRACK_CLOSE && summary.event.time_ns < known.event.time_ns;
}

namespace {

// Adds what was told before. A call about an untracked socket knows nothing of it.
void complete(ctrack_summary& untracked, const ctrack_summary& before) {
    untracked.untracked = 1;
    untracked.states_seen |= before.states_seen;
    untracked.rtos = std::max(untracked.rtos, before.rtos);
    if (before.opened_ns)
        untracked.opened_ns = before.opened_ns;
    if (before.established_ns)
        untracked.established_ns = before.established_ns;
    if (before.direction != CTRACK_DIRECTION_UNKNOWN)
        untracked.direction = before.direction;
    if (before.pid_source == CTRACK_PID_UNKNOWN)
        return;
    untracked.owner = before.owner;
    untracked.pid_source = before.pid_source;
}

} // namespace

void take_summary(ctrack_summary& known, const ctrack_summary& summary) {
    const ctrack_summary before = std::exchange(known, summary);
    if (summary.direction == CTRACK_DIRECTION_UNKNOWN)
        known.direction = before.direction;
    if (summary.untracked || before.untracked)
        complete(known, before);
    if (summary.ifindex == before.ifindex && !summary.interface[0])
        std::ranges::copy(before.interface, known.interface);
    if (summary.event.kind == CTRACK_CLOSE || before.rtt_samples <= summary.rtt_samples)
        return;
    known.rtt_samples = before.rtt_samples;
    known.rtt_sum_us = before.rtt_sum_us;
    known.rtt_min_us = before.rtt_min_us;
    known.rtt_max_us = before.rtt_max_us;
}

bool same_counters(const ctrack_summary& a, const ctrack_summary& b) {
    return a.segs_sent == b.segs_sent && a.segs_received == b.segs_received &&
           a.rwnd_limited_ms == b.rwnd_limited_ms && a.sndbuf_limited_ms == b.sndbuf_limited_ms &&
           a.bytes_sent == b.bytes_sent && a.bytes_received == b.bytes_received &&
           a.rtt_samples == b.rtt_samples && a.owner.pid == b.owner.pid &&
           a.pid_source == b.pid_source && a.orphan == b.orphan;
}

} // namespace ctrack
