// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/waits.h"

#include <algorithm>

#include "recorder/fold/tcp_state.h"

namespace ctrack {

namespace {

constexpr std::int64_t tolerance_ms = 30;       // three ticks of the slowest clock (CONFIG_HZ=100)
constexpr std::uint64_t short_answer = 1 << 16; // bytes that take no time worth telling

// What one end has asked and the other answered. Times are how long before the summary.
struct Exchange {
    std::int64_t asked_ago_ms;
    std::int64_t answered_ago_ms;
    std::uint64_t answered_bytes;
    std::uint32_t answered_again; // segments of the answer that were sent again, if known
    bool is_due;                  // it was asked last, and the question has arrived
    bool is_answered;             // it was answered last
    bool goes_on;                 // an answer may come yet
};

bool is_one_of(unsigned state, auto... states) { return ((state == states) || ...); }

// Nobody waits on behalf of a socket that no process has any more.
bool may_go_on(const ctrack_summary& s) { return s.event.kind != CTRACK_CLOSE && !s.orphan; }

Exchange asked_of_peer(const ctrack_summary& s) {
    return {.asked_ago_ms = s.sent_ago_ms,
            .answered_ago_ms = s.received_ago_ms,
            .answered_bytes = s.bytes_received,
            .answered_again = 0,
            .is_due = s.last_data == CTRACK_LAST_SENT && !s.unacknowledged,
            .is_answered = s.last_data == CTRACK_LAST_RECEIVED && s.bytes_sent > 0,
            .goes_on = may_go_on(s) && is_one_of(s.event.new_state, TCP_STATE_ESTABLISHED,
                                                 TCP_STATE_FIN_WAIT1, TCP_STATE_FIN_WAIT2)};
}

Exchange asked_of_local(const ctrack_summary& s) {
    return {.asked_ago_ms = s.received_ago_ms,
            .answered_ago_ms = s.sent_ago_ms,
            .answered_bytes = s.bytes_sent,
            .answered_again = s.retrans_segs,
            .is_due = s.last_data == CTRACK_LAST_RECEIVED,
            .is_answered = s.last_data == CTRACK_LAST_SENT && s.bytes_received > 0,
            .goes_on = may_go_on(s) &&
                       is_one_of(s.event.new_state, TCP_STATE_ESTABLISHED, TCP_STATE_CLOSE_WAIT)};
}

std::int64_t ms_since(std::uint64_t then_ns, std::uint64_t now_ns) {
    return now_ns > then_ns ? static_cast<std::int64_t>((now_ns - then_ns) / 1'000'000) : 0;
}

// Whether the time to the last of the answer is mostly the time to its first. `elapsed` is the time
// between the two looks.
bool tells_of_answer(const Exchange& before, const Exchange& now, std::int64_t elapsed_ms) {
    const bool streams = before.answered_bytes > 0 &&
                         before.answered_ago_ms + elapsed_ms + tolerance_ms < now.asked_ago_ms;
    const bool is_short = now.answered_bytes - before.answered_bytes <= short_answer;
    return !streams && (is_short || before.is_due) && now.answered_again == before.answered_again;
}

std::int64_t wait_ms(const std::optional<Exchange>& before, const Exchange& now,
                     std::int64_t elapsed_ms, std::int64_t ended_ago_ms) {
    if (now.is_due)
        return now.asked_ago_ms - (now.goes_on ? 0 : ended_ago_ms);
    if (before && now.is_answered && tells_of_answer(*before, now, elapsed_ms))
        return now.asked_ago_ms - now.answered_ago_ms;
    return 0;
}

void raise(std::uint32_t& longest, std::int64_t wait_ms) {
    longest = static_cast<std::uint32_t>(std::max<std::int64_t>(longest, wait_ms));
}

} // namespace

void note_waits(Waits& waits, const ctrack_summary* before, const ctrack_summary& now,
                std::uint64_t left_established_ns) {
    const std::uint64_t time_ns = now.event.time_ns;
    const std::int64_t elapsed_ms = before ? ms_since(before->event.time_ns, time_ns) : 0;
    const std::int64_t ended_ago_ms =
        left_established_ns ? ms_since(left_established_ns, time_ns) : 0;
    const auto of = [&](auto asked) {
        return wait_ms(before ? std::optional(asked(*before)) : std::nullopt, asked(now),
                       elapsed_ms, ended_ago_ms);
    };
    raise(waits.for_peer_ms, of(asked_of_peer));
    raise(waits.for_local_ms, of(asked_of_local));
}

void note_unmoved(Waits& waits, const ctrack_summary& known, std::uint64_t time_ns) {
    const auto waited_ms = [&](const Exchange& exchange) {
        const bool is_waiting = exchange.is_due && exchange.goes_on;
        return is_waiting ? exchange.asked_ago_ms + ms_since(known.event.time_ns, time_ns) : 0;
    };
    raise(waits.for_peer_ms, waited_ms(asked_of_peer(known)));
    raise(waits.for_local_ms, waited_ms(asked_of_local(known)));
}

std::optional<WaitsFor> waits_for(const ctrack_summary& summary) {
    if (const Exchange of_peer = asked_of_peer(summary); of_peer.is_due && of_peer.goes_on)
        return WaitsFor::peer;
    if (const Exchange of_local = asked_of_local(summary); of_local.is_due && of_local.goes_on)
        return WaitsFor::local;
    return std::nullopt;
}

} // namespace ctrack
