// SPDX-License-Identifier: Apache-2.0
#include "bench/traffic.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

#include <cerrno>

#include "recorder/fold/tcp_state.h"

namespace ctrack::bench {

namespace {

constexpr std::int64_t second_us = 1'000'000;

void add_rtt(ctrack_summary& summary, std::uint32_t rtt_us) {
    summary.rtt_min_us = summary.rtt_samples ? std::min(summary.rtt_min_us, rtt_us) : rtt_us;
    summary.rtt_max_us = std::max(summary.rtt_max_us, rtt_us);
    summary.rtt_sum_us += rtt_us;
    ++summary.rtt_samples;
}

} // namespace

Traffic::Traffic(const Shape& shape)
    : shape_(shape), random_(shape.seed), waiting_(static_cast<std::size_t>(shape.seconds)) {}

// More by day than by night.
std::int64_t Traffic::opened_until(std::int64_t second) const {
    const double part = static_cast<double>(second) / static_cast<double>(shape_.seconds);
    const double wave = 0.6 / (2 * std::numbers::pi) * std::sin(2 * std::numbers::pi * part);
    return std::llround(static_cast<double>(shape_.connections) * (part - wave));
}

std::optional<Batch> Traffic::next() {
    if (second_ == shape_.seconds)
        return std::nullopt;
    Batch batch;
    if (second_ == 0) {
        batch.cgroups = population_.cgroups();
        for (const auto& owner : population_.owners())
            batch.processes.push_back(owner.process);
    }
    const std::int64_t from_us = now_us();
    move_some(batch);
    for (const std::size_t slot : std::exchange(waiting_[static_cast<std::size_t>(second_)], {}))
        advance(batch, slot);
    const std::int64_t opening = opened_until(second_ + 1) - opened_;
    for (std::int64_t n = 0; n < opening; ++n)
        open_flow(batch, from_us + (2 * n + 1) * second_us / (2 * opening));
    batch.minute_rtts = tally_.take(batch.rtt_samples);
    free_.insert(free_.end(), closed_.begin(), closed_.end());
    closed_.clear();
    std::ranges::sort(batch.connections, {}, &ConnectionRow::id);
    std::ranges::stable_sort(batch.events, {}, &EventRow::time_us);
    std::ranges::stable_sort(batch.rtt_samples, {}, &RttRow::since_2030_us);
    lose_some(batch);
    batch.rtt_source = CTRACK_RTT_MEASURED;
    ++second_;
    return batch;
}

void Traffic::open_flow(Batch& batch, std::int64_t opened_us) {
    const std::size_t slot = free_slot();
    Flow& flow = flows_[slot] = {};
    flow.row.id = ++opened_;
    flow.row.has_summary = true;
    flow.row.opened_us = flow.row.last_seen_us = opened_us;
    describe(flow, population_.owner_of_next(random_));
    decide_end(flow);
    if (opened_ <= shape_.busy)
        keep_busy(slot);
    const bool active = flow.row.summary.direction == CTRACK_ACTIVE;
    add_event(batch, flow, opened_us, active ? CTRACK_CONNECT : CTRACK_ACCEPT,
              active ? TCP_STATE_CLOSE : TCP_STATE_SYN_RECV,
              active ? TCP_STATE_SYN_SENT : TCP_STATE_ESTABLISHED);
    if (active && flow.row.established_us)
        add_event(batch, flow, *flow.row.established_us, CTRACK_ESTABLISHED, TCP_STATE_SYN_SENT,
                  TCP_STATE_ESTABLISHED, *flow.row.established_us - opened_us);
    if (flow.close_us >= now_us() + second_us)
        batch.connections.push_back(flow.row);
    advance(batch, slot);
}

void Traffic::describe(Flow& flow, const Owner& owner) {
    ctrack_summary& s = flow.row.summary;
    flow.rtt_us = population_.choose_peer(random_, owner, s);
    s.event.cookie = static_cast<std::uint64_t>(0x1000 + opened_);
    s.event.generation = 1;
    s.direction = owner.program.server ? CTRACK_PASSIVE : CTRACK_ACTIVE;
    s.pid_source = owner.program.server ? CTRACK_PID_ACCEPT : CTRACK_PID_CONNECT;
    s.owner = owner.process.owner;
    s.cgroup_id = owner.cgroup_id;
    s.netns = 4026531840;
    s.mss = 1448;
    s.rate_delivered = 10;
    s.rate_interval_us = static_cast<std::uint32_t>(flow.rtt_us) + 1;
    s.srtt_us = static_cast<std::uint32_t>(flow.rtt_us);
    s.rtt_deviation_us = s.srtt_us / 8;
    s.kernel_rtt_min_us = s.srtt_us;
    std::strcpy(s.congestion, "cubic");
}

// One in 25 connects fails; one in fifty connections breaks.
void Traffic::decide_end(Flow& flow) {
    const auto share =
        static_cast<double>(shape_.samples) / static_cast<double>(shape_.connections);
    const auto rtt_us = static_cast<std::int64_t>(flow.rtt_us);
    const bool active = flow.row.summary.direction == CTRACK_ACTIVE;
    if (active && random_.chance(0.04)) {
        const bool refused = random_.chance(0.8);
        flow.ending = {refused ? Outcome::refused : Outcome::timeout, ClosedBy::unknown};
        flow.error = refused ? ECONNREFUSED : ETIMEDOUT;
        flow.close_us = flow.row.opened_us + (refused ? rtt_us : 20 * second_us);
        return;
    }
    flow.row.established_us = flow.row.opened_us + (active ? rtt_us : 0);
    const double life_us = random_.log_normal(shape_.duration_median_us, 2.5);
    flow.close_us = *flow.row.established_us + 2 * rtt_us + static_cast<std::int64_t>(life_us);
    flow.samples = static_cast<std::int64_t>(share / 0.97 * random_.log_normal(0.487, 1.2) +
                                             random_.uniform());
    const bool reset = random_.chance(0.02);
    flow.ending = {reset ? Outcome::reset : Outcome::closed,
                   random_.chance(0.5) ? ClosedBy::local : ClosedBy::peer};
    flow.error = reset ? ECONNRESET : 0;
}

void Traffic::keep_busy(std::size_t slot) {
    Flow& flow = flows_[slot];
    flow.row.established_us = flow.row.opened_us;
    flow.close_us = begin_us + shape_.seconds * second_us - second_us / 2;
    flow.ending = {Outcome::closed, ClosedBy::local};
    flow.error = 0;
    flow.samples = 0;
    busy_.push_back(slot);
}

void Traffic::move_some(Batch& batch) {
    batch.intervals_from_us = now_us();
    batch.intervals_until_us = now_us() + second_us;
    for (const std::size_t slot : busy_) {
        Flow& flow = flows_[slot];
        ctrack_summary& s = flow.row.summary;
        auto told = Counters::of(s);
        s.bytes_sent += static_cast<std::uint64_t>(random_.log_normal(20'000, 2));
        s.bytes_received += static_cast<std::uint64_t>(random_.log_normal(2000, 2));
        s.segs_sent = static_cast<std::uint32_t>(3 + s.bytes_sent / s.mss);
        s.segs_received = static_cast<std::uint32_t>(3 + s.bytes_received / s.mss);
        batch.intervals.push_back(tell_moved(flow.row.id, Counters::of(s), told));
        flow.row.has_intervals = true;
        flow.row.counters_us = flow.row.last_seen_us = batch.intervals_until_us;
        if (second_ % 10 == 9 && flow.close_us >= batch.intervals_until_us) // else close() does it
            batch.connections.push_back(flow.row);
    }
}

// Does what the flow does until the end of this second.
void Traffic::advance(Batch& batch, std::size_t slot) {
    Flow& flow = flows_[slot];
    take_samples(batch, flow);
    if (flow.close_us >= now_us() + second_us)
        return wait(slot);
    close(batch, flow);
    closed_.push_back(slot);
}

void Traffic::wait(std::size_t slot) {
    const Flow& flow = flows_[slot];
    std::int64_t next_us = flow.close_us;
    if (flow.taken < flow.samples)
        next_us = *flow.row.established_us +
                  (flow.close_us - *flow.row.established_us) * flow.taken / flow.samples;
    const auto second = static_cast<std::size_t>((next_us - begin_us) / second_us);
    if (second < waiting_.size())
        waiting_[std::max(second, static_cast<std::size_t>(second_ + 1))].push_back(slot);
}

void Traffic::take_samples(Batch& batch, Flow& flow) {
    ctrack_summary& s = flow.row.summary;
    const std::int64_t start_us = flow.row.established_us.value_or(0);
    for (; flow.taken < flow.samples; ++flow.taken) {
        const std::int64_t time_us =
            start_us + (flow.close_us - start_us) * flow.taken / flow.samples;
        if (time_us >= now_us() + second_us)
            return;
        const auto rtt_us =
            static_cast<std::uint32_t>(flow.rtt_us * random_.log_normal(1, 0.3)) + 1;
        add_rtt(s, rtt_us);
        tally_.add(flow.sample_slot, s);
        batch.rtt_samples.push_back(RttRow::of(
            flow.row.id, time_us, rtt_us, static_cast<std::int64_t>(s.rtt_sum_us / s.rtt_samples),
            TCP_STATE_ESTABLISHED));
    }
}

void Traffic::close(Batch& batch, Flow& flow) {
    ctrack_summary& s = flow.row.summary;
    const bool established = flow.row.established_us.has_value();
    const bool local = flow.ending.closed_by == ClosedBy::local;
    const unsigned leaving = local ? TCP_STATE_FIN_WAIT1 : TCP_STATE_CLOSE_WAIT;
    const unsigned last = local ? TCP_STATE_FIN_WAIT2 : TCP_STATE_LAST_ACK;
    flow.row.closed_us = flow.close_us;
    flow.row.ending = flow.ending;
    s.event.value = flow.error;
    if (established && !flow.row.has_intervals) {
        s.bytes_sent = static_cast<std::uint64_t>(random_.log_normal(2000, 2.5));
        s.bytes_received = static_cast<std::uint64_t>(random_.log_normal(3000, 2.5));
        s.segs_sent = static_cast<std::uint32_t>(3 + s.bytes_sent / s.mss + s.rtt_samples);
        s.segs_received = static_cast<std::uint32_t>(3 + s.bytes_received / s.mss + s.rtt_samples);
        s.retrans_segs = random_.chance(0.05) ? 1 : 0;
        hold_up(flow);
    }
    if (established && flow.error == 0) {
        add_event(batch, flow, flow.close_us, CTRACK_STATE, TCP_STATE_ESTABLISHED, leaving);
        add_event(batch, flow, flow.close_us, CTRACK_STATE, leaving, last);
    }
    add_event(batch, flow, flow.close_us, CTRACK_CLOSE,
              established ? (flow.error ? TCP_STATE_ESTABLISHED : last) : TCP_STATE_SYN_SENT,
              TCP_STATE_CLOSE, flow.error);
    batch.connections.push_back(flow.row);
}

// By one question and its answer, in ticks of 4 ms, at the end of the connection.
void Traffic::hold_up(Flow& flow) {
    ctrack_summary& s = flow.row.summary;
    const auto ticks = [](double ms) { return static_cast<std::uint32_t>(ms / 4) * 4; };
    const std::uint32_t wait_ms = ticks(random_.log_normal(5, 1.5));
    const bool active = s.direction == CTRACK_ACTIVE;
    s.busy_ms = ticks(flow.rtt_us / 1000);
    s.retrans_timeout_segs = s.retrans_segs;
    s.sent_ago_ms = active ? wait_ms : 0;
    s.received_ago_ms = active ? 0 : wait_ms;
    (active ? flow.row.waits.for_peer_ms : flow.row.waits.for_local_ms) = wait_ms;
}

void Traffic::add_event(Batch& batch, const Flow& flow, std::int64_t time_us, ctrack_kind kind,
                        unsigned old_state, unsigned new_state, std::int64_t value) const {
    if (shape_.events)
        batch.events.push_back({flow.row.id, time_us, kind, old_state, new_state, value});
}

void Traffic::lose_some(Batch& batch) {
    if (!shape_.losses)
        return;
    if (second_ % 3000 == 2999)
        batch.losses.sample_ring = static_cast<std::int64_t>(1 + random_.below(5000));
    if (second_ % 20'000 == 19'999)
        batch.losses.lifecycle_ring = static_cast<std::int64_t>(1 + random_.below(50));
}

std::size_t Traffic::free_slot() {
    if (free_.empty()) {
        flows_.emplace_back();
        return flows_.size() - 1;
    }
    const std::size_t slot = free_.back();
    free_.pop_back();
    return slot;
}

} // namespace ctrack::bench
