// SPDX-License-Identifier: Apache-2.0
//
// One run of the recorder: rings -> decode -> connection table -> batch -> file.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>

#include "recorder/cgroup.h"
#include "recorder/connection_table.h"
#include "recorder/options.h"
#include "recorder/probe.h"
#include "recorder/process_info.h"
#include "recorder/recording_file.h"
#include "recorder/status.h"
#include "recorder/terminal.h"
#include "recorder/wall_clock.h"

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

    RecordingInfo recording_info() const;
    FirstIds open_file();
    bool on_lifecycle(std::span<const std::byte> bytes);
    bool on_sample(std::span<const std::byte> bytes);
    void record_until_stopped();
    bool drain();
    void walk();
    bool begin_transaction();
    bool commit();
    bool write_next();
    bool write_batch();
    void commit_surely();
    std::optional<Batch> next_batch();
    void say_stuck(const std::string& why);
    void say_goes_on();
    void start_afresh(const std::string& why);
    void say_committed(const Batch& batch, std::chrono::duration<double, std::milli> took);
    void add_losses(Batch& batch);
    void add_to_totals(const Batch& batch, std::int64_t new_connections);
    void show_status(Time now);
    void finish();

    Options options_;
    Terminal terminal_;
    std::string cgroup_path_;
    CgroupReader cgroup_reader_;
    std::uint64_t sample_position_ = 0; ///< of the sample ring, read so far
    Probe probe_;
    std::int64_t begun_us_; ///< CLOCK_BOOTTIME when the program was attached, or the file replaced
    RecordingFile file_;
    std::optional<Adoption> adoption_;
    WallClock clock_;
    std::int64_t clock_step_us_ = 0;
    FirstIds first_ids_;
    ConnectionTable table_;
    ProcessReader process_reader_;
    std::vector<ProcessRow> new_processes_;
    std::vector<CgroupRow> new_cgroups_;
    bool log_was_full_ = false;
    bool walked_ = false;             ///< and what was waiting then is not yet drained
    std::int64_t decode_rejects_ = 0; ///< since the last batch
    Losses kernel_losses_;            ///< up to the last batch
    std::optional<Batch> batch_;      ///< out of the table, not yet in the file; not over 30 MiB
    std::int64_t committed_us_;       ///< CLOCK_BOOTTIME of the last commit
    bool stuck_ = false;              ///< the file cannot be written for now
    Totals totals_;
    Totals shown_totals_;
    Time shown_at_{};
};

} // namespace ctrack
