// SPDX-License-Identifier: Apache-2.0
//
// What comes in: rings -> decode -> connection table -> batch.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "recorder/fold/connection_table.h"
#include "recorder/host/conntrack.h"
#include "recorder/host/netns_counters.h"
#include "recorder/host/owner_reader.h"
#include "recorder/host/wall_clock.h"
#include "recorder/kernel/probe.h"

namespace ctrack {

/// What a walk is for.
struct WalkKind {
    bool refreshes;     ///< as of Walk
    bool has_intervals; ///< as of Walk
};

class Intake {
public:
    /// The probe and the clock must outlive it.
    Intake(Probe& probe, OwnerReader owners, WallClock& clock, const FirstIds& first,
           LeftOffs left_off);

    /// Empties the rings, and goes on with a walk that a full batch has stopped. Returns false if
    /// a batch is full and more is waiting, or may be waiting.
    bool drain();

    /// Begins a walk over all open connections, unless one is under way. A connection that two
    /// walks in a row that refresh have not met is lost.
    void walk(WalkKind kind);

    /// How much CPU the last walk took that has met all connections.
    std::chrono::microseconds walk_cost() const { return walk_cost_; }

    /// What has come since the last batch; nullopt if there is nothing to write.
    std::optional<Batch> take();

    /// Uses the memory of a written batch for the next one.
    void reuse(Batch&& written) { table_.reuse(std::move(written)); }

    /// Says that nothing more comes.
    void end() { table_.end_recording(); }

    /// Puts all connections, listeners and owners into the next batches: a new file has none.
    /// lost_rows: how many events and RTT samples are gone with the old one.
    /// unwritten: the batch that was taken and goes into the new file, or nullptr.
    void write_again(std::int64_t lost_rows, Batch* unwritten);

    /// Records lost in the kernel since the last batch.
    std::int64_t lost() const { return probe_.losses().total() - kernel_losses_.total(); }

    std::size_t open_count() const { return table_.open_count(); }
    std::int64_t connections() const { return table_.next_id() - first_connection_; }

private:
    bool take_lifecycle(std::span<const std::byte> bytes);
    bool take_sample(std::span<const std::byte> bytes);
    bool walk_on();
    void add_losses(Batch& batch);

    Probe& probe_;
    WallClock& clock_;
    OwnerReader owners_;
    ConnectionTable table_;
    Conntrack conntrack_;
    NetnsCounters netns_counters_;
    std::int64_t first_connection_;
    bool refresh_due_ = false; ///< the next walk is to refresh
    bool walking_ = false;     ///< the walk has not met all connections yet
    bool walked_ = false; ///< a walk that refreshes was begun, and what was in the rings then is
                          ///< not drained yet
    std::chrono::microseconds walk_cost_{0}, walk_under_way_{0}; ///< CPU of walks
    std::int64_t decode_rejects_ = 0;                            ///< since the last batch
    std::int64_t lost_with_file_ = 0;                            ///< since the last batch
    Losses kernel_losses_;                                       ///< up to the last batch
    std::int64_t clock_step_us_ = 0;                             ///< as the last batch had it
};

} // namespace ctrack
