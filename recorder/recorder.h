// SPDX-License-Identifier: Apache-2.0
//
// One run of the recorder: rings -> decode -> connection table -> batch -> file.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "recorder/committer.h"
#include "recorder/host/wall_clock.h"
#include "recorder/intake.h"
#include "recorder/kernel/probe.h"
#include "recorder/options.h"
#include "recorder/status.h"
#include "recorder/store/recording_file.h"
#include "recorder/terminal.h"

namespace ctrack {

class Recorder {
public:
    /// Loads and attaches the program, then opens the file: where nothing can be
    /// recorded no file is touched. Throws Error.
    explicit Recorder(const Options& options);

    /// Records until the descriptor can be read or the duration is over; then
    /// detaches, drains, commits and ends the recording. Throws Error.
    void run(const FileDescriptor& stop);

private:
    using Time = std::chrono::steady_clock::time_point;

    RecordingInfo recording_info();
    FirstIds open_file();
    void record_until_stopped();
    void show_status(Time now);
    void finish();

    Options options_;
    Terminal terminal_;
    std::string cgroup_path_;
    OwnerReader owners_; ///< until the intake has it
    WallClock clock_;
    Probe probe_;
    std::int64_t attached_us_; ///< when the program was
    RecordingFile file_;
    RecordingInfo info_;
    Intake intake_;
    Committer committer_;
    Totals shown_totals_;
    Time shown_at_{};
};

} // namespace ctrack
