// SPDX-License-Identifier: Apache-2.0
//
// What goes out: batch -> file. While the file cannot be written, the batch waits here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "recorder/host/wall_clock.h"
#include "recorder/intake.h"
#include "recorder/messages.h"
#include "recorder/options.h"
#include "recorder/status.h"
#include "recorder/store/recording_file.h"
#include "recorder/terminal.h"

namespace ctrack {

class Committer {
public:
    /// What is given by reference must outlive it. The file was opened with the info.
    Committer(const Options& options, RecordingFile& file, RecordingInfo info, Intake& intake,
              const WallClock& clock, Terminal& terminal);

    /// Writes what has come in. Returns false if another program has locked the file, or if the
    /// file cannot be written for now. Then everything stays where it is until the next try: the
    /// batch that was to be written here, the rest in the table and, once the table is full, in the
    /// rings, where losses are counted. Throws Error.
    bool commit();

    /// Commits, or throws Error if that cannot be done.
    void commit_surely();

    /// What a SIGHUP has changed. Throws Error.
    void change(const RecordingChange& change);

    bool is_stuck() const { return stuck_; }
    const Totals& totals() const { return totals_; }

private:
    bool begin_transaction();
    bool write_somewhere();
    bool write_next();
    bool write_batch();
    void start_afresh(const std::string& why);
    void start_afresh(const LostFile& old);
    void add_to_totals(const Batch& batch);
    void say_stuck(const std::string& why);
    void say_goes_on();
    void say_committed(const Batch& batch, std::chrono::duration<double, std::milli> took);

    const Options& options_;
    RecordingFile& file_;
    RecordingInfo info_;
    Intake& intake_;
    const WallClock& clock_;
    Terminal& terminal_;
    std::optional<Batch> batch_;    ///< taken but not yet written; at most 63 MiB
    std::int64_t committed_us_;     ///< when the last commit was made, or the recording was begun
    std::int64_t rows_in_file_ = 0; ///< events and RTT samples that this run has put into the file
    bool log_was_full_ = false;
    bool stuck_ = false; ///< the file cannot be written for now
    Totals totals_;
    LossNews loss_news_;
};

} // namespace ctrack
