// SPDX-License-Identifier: Apache-2.0
#include "recorder/intake.h"

#include <ctime>
#include <utility>

#include "common/clock.h"

namespace ctrack {

Intake::Intake(Probe& probe, OwnerReader owners, WallClock& clock, const FirstIds& first,
               LeftOffs left_off)
    : probe_(probe), clock_(clock), owners_(std::move(owners)), table_(first, clock.offset_us()),
      first_connection_(first.connection) {
    table_.carry_on(std::move(left_off));
}

// Returns false if this part of the batch is full.
bool Intake::take_lifecycle(std::span<const std::byte> bytes) {
    const auto record = decode_lifecycle(bytes);
    if (!record) {
        ++decode_rejects_;
        return true;
    }
    owners_.observe(*record);
    table_.apply(*record);
    return !table_.events_full();
}

// Returns false if this part of the batch is full.
bool Intake::take_sample(std::span<const std::byte> bytes) {
    const auto sample = decode_rtt(bytes);
    if (!sample) {
        ++decode_rejects_;
        return true;
    }
    table_.apply(*sample);
    return !table_.samples_full();
}

// Samples are read first: then the connections that they belong to are known when all rings are
// empty. Samples, lifecycle records and a walk each have a part of the batch, so that a flood of
// one kind does not keep the others waiting.
bool Intake::drain() {
    const bool walk_done = walk_on();
    auto& samples = probe_.sample_rings();
    const bool samples_done =
        !table_.samples_full() && samples.drain([this](auto bytes) { return take_sample(bytes); });
    const bool lifecycle_done =
        !table_.events_full() &&
        probe_.lifecycle_rings().drain([this](auto bytes) { return take_lifecycle(bytes); });
    if (samples.is_past_mark()) {
        table_.samples_read();
        samples.mark();
    }
    const bool done = walk_done && samples_done && lifecycle_done;
    if (done && walked_)
        walked_ = !table_.end_walk();
    return done && !walked_ && !table_.has_more();
}

void Intake::walk(WalkKind kind) {
    refresh_due_ |= kind.refreshes;
    if (walking_)
        return;
    const bool refreshes = std::exchange(refresh_due_, false);
    table_.begin_walk(
        {.began_us = clock_.now_us(), .refreshes = refreshes, .has_intervals = kind.has_intervals});
    probe_.begin_walk();
    walking_ = true;
    if (refreshes) {
        walked_ = true;
        netns_counters_.read(clock_.now_us());
    }
    walk_under_way_ = {};
    walk_on();
}

// Returns false if the walk has filled its part of the batch before it has met all connections.
bool Intake::walk_on() {
    if (walking_ && !table_.walk_full()) {
        const std::int64_t began_us = clock_now_us(CLOCK_THREAD_CPUTIME_ID);
        walking_ = !probe_.walk([this](auto bytes) {
            take_lifecycle(bytes);
            return !table_.walk_full();
        });
        walk_under_way_ +=
            std::chrono::microseconds(clock_now_us(CLOCK_THREAD_CPUTIME_ID) - began_us);
        if (!walking_) {
            table_.all_met();
            walk_cost_ = walk_under_way_;
        }
    }
    return !walking_;
}

void Intake::add_losses(Batch& batch) {
    const Losses now = probe_.losses();
    batch.losses = {.lifecycle_ring = now.lifecycle_ring - kernel_losses_.lifecycle_ring,
                    .sample_ring = now.sample_ring - kernel_losses_.sample_ring,
                    .no_storage = now.no_storage - kernel_losses_.no_storage,
                    .netns = now.netns - kernel_losses_.netns,
                    .decode_reject = std::exchange(decode_rejects_, 0),
                    .file = std::exchange(lost_with_file_, 0)};
    kernel_losses_ = now;
}

std::optional<Batch> Intake::take() {
    conntrack_.translate(table_.settled());
    Batch batch = table_.take();
    owners_.take_into(batch);
    add_losses(batch);
    batch.netns_counters = netns_counters_.take();
    batch.clock_step_us = clock_.step_us();
    if (batch.empty() && batch.clock_step_us == clock_step_us_)
        return std::nullopt;
    clock_step_us_ = batch.clock_step_us;
    return batch;
}

void Intake::write_again(std::int64_t lost_rows, Batch* unwritten) {
    lost_with_file_ += lost_rows;
    table_.write_again(unwritten);
    owners_.forget();
}

} // namespace ctrack
