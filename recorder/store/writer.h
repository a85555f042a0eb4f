// SPDX-License-Identifier: Apache-2.0
//
// Writes batches into the ctrack file, each in one transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include "recorder/checks/check.h"
#include "recorder/fold/batch.h"
#include "recorder/fold/connection_table.h"
#include "recorder/host/host.h"
#include "recorder/store/batch_rows.h"
#include "recorder/store/left_off.h"
#include "recorder/store/log_checkpointer.h"

namespace ctrack {

/// What a recording's row says from the start.
struct RecordingInfo {
    Host host;
    std::string version;
    std::string cgroup_path;
    std::string rtt_mode;
    std::optional<std::string> adoption;
    std::string connect_errors;
    std::string options;
    Checks checks{}; ///< what the recorder could see of the host
    std::int64_t clock_offset_us;
    std::int64_t started_us;
    std::int64_t heartbeat_interval_us;
};

/// What can change while the recorder runs.
struct RecordingChange {
    std::string options; ///< as in RecordingInfo
    std::int64_t heartbeat_interval_us;
    RetentionLimits limits;
};

class Writer {
public:
    /// Opens the file, which is made if it is missing, marks recordings that were never finished as
    /// crashed and begins a new recording. The caller holds the file's FileLock. From then on
    /// the file keeps within the limits. Throws Error.
    Writer(const std::string& path, const RecordingInfo& info, const RetentionLimits& limits = {});

    /// The ids of the first rows that the connection table makes.
    FirstIds first_ids();

    /// See left_off.h. Nothing must be written before. Throws Error.
    LeftOffs left_off();

    /// Begins a transaction, which lasts until write() or write_nothing(). Returns false if another
    /// program has locked the file for writing, or if log_is_full(). Throws Error.
    bool begin();

    /// Whether at the last begin() the log had its share of the limit and could not be emptied.
    bool log_is_full() const { return log_is_full_; }

    /// Writes the batch and commits. If it throws Error, nothing of the batch is in the file. After
    /// a StorageError the caller may try again, from begin() on.
    void write(const Batch& batch, std::int64_t committed_us);

    /// Ends a transaction in which there was nothing to write. Notes now and then that the recorder
    /// runs and has nothing to tell, so that a file that is no longer written can be told from one
    /// of an idle host. Throws Error.
    void write_nothing(std::int64_t now_us);

    /// Sets other limits, which hold from the next transaction on. Its commit says the rest in the
    /// recording's row. Must not be called within a transaction. Throws Error.
    void change(const RecordingChange& change);

    /// Sets how long begin() waits for another program's lock, which is 100 ms at first.
    void wait_for_locks(std::chrono::milliseconds patience);

    /// Marks the recording as stopped and takes the file out of WAL mode, so that it is one file
    /// again. Returns false if another program uses the file, so that it stays in WAL mode.
    bool finish(std::int64_t ended_us);

    /// Marks the recording as stopped in a file that is no longer at its path, and empties the log
    /// into it. Returns false if that cannot be done, as while somebody reads the file. Nothing but
    /// the destructor may be called afterwards.
    bool leave(std::int64_t ended_us);

    /// The connections that are open, for carry_on() of the writer that goes on in a new file; none
    /// if the file cannot be read. They take at most 50 MiB.
    std::vector<LeftOpen> left_open();

    /// Says what the old file, which is still there, has counted in its sums of traffic.
    void carry_on(const std::vector<LeftOpen>& left_open) { rows_->carry_on(left_open); }

    /// How long the database is with what its log holds, within a transaction.
    std::int64_t content_bytes();

    /// How many bytes the file and its write-ahead log take on disk.
    std::int64_t size_bytes() const;

private:
    int most_log_pages(const RetentionLimits& limits);
    void limit_log(const RetentionLimits& limits);
    std::int64_t begin_recording(const RecordingInfo& info);
    void write_checks(std::int64_t recording_id, const Checks& checks);
    void put_log_into_file();
    void end_recording(std::int64_t ended_us);
    bool beat(std::int64_t now_us);
    void commit();
    void roll_back();

    std::string path_;
    SQLite::Database db_;
    std::chrono::milliseconds patience_;
    bool log_is_full_ = false;
    std::string boot_id_;
    std::int64_t recording_id_ = 0;
    std::int64_t heartbeat_us_ = 0; ///< the last that was written
    std::int64_t heartbeat_interval_us_;
    std::string options_;
    SQLite::Statement content_bytes_, note_heartbeat_;
    std::optional<BatchRows> rows_;                    ///< made by the constructor
    std::unique_ptr<SQLite::Transaction> transaction_; ///< made by begin()
    std::unique_ptr<LogCheckpointer> checkpointer_;    ///< is destroyed first: db_ calls it
};

} // namespace ctrack
