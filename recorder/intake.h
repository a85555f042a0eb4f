// SPDX-License-Identifier: Apache-2.0
//
// What comes in: rings -> decode -> connection table -> batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "recorder/fold/connection_table.h"
#include "recorder/host/owner_reader.h"
#include "recorder/host/wall_clock.h"
#include "recorder/kernel/probe.h"

namespace ctrack {

class Intake {
public:
    /// All but the owners must outlive it.
    Intake(Probe& probe, OwnerReader owners, WallClock& clock, const FirstIds& first);

    /// The probe's handlers: false if this part of the batch is full.
    bool on_lifecycle(std::span<const std::byte> bytes);
    bool on_sample(std::span<const std::byte> bytes);

    /// Empties the rings. False if a batch is full and more is waiting, or may be.
    bool drain();

    /// Begins to meet all connections under way, if that is not being done already; drain()
    /// goes on with what a batch could not hold. What two walks have not met is lost.
    void walk();

    /// What has come since the last batch; nullopt if there is nothing to write.
    std::optional<Batch> take();

    /// See ConnectionTable.
    void reuse(Batch&& written) { table_.reuse(std::move(written)); }

    /// Nothing more will come.
    void end() { table_.end_recording(); }

    /// All rows and owners are new to a file that has none of them.
    void write_again();

    /// Records lost in the kernel since the last batch.
    std::int64_t lost() const { return probe_.losses().total() - kernel_losses_.total(); }

    std::size_t open_count() const { return table_.open_count(); }
    std::int64_t connections() const { return table_.next_id() - first_connection_; }

private:
    bool walk_on();
    void add_losses(Batch& batch);

    Probe& probe_;
    WallClock& clock_;
    OwnerReader owners_;
    ConnectionTable table_;
    std::int64_t first_connection_;
    bool walking_ = false;            ///< some connections are still to be met
    bool walked_ = false;             ///< and what was waiting then is not yet drained
    std::int64_t decode_rejects_ = 0; ///< since the last batch
    Losses kernel_losses_;            ///< up to the last batch
    std::int64_t clock_step_us_ = 0;
};

} // namespace ctrack
