// SPDX-License-Identifier: Apache-2.0
//
// Batches -> the ctrack file, one transaction each.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include "recorder/fold/batch.h"
#include "recorder/fold/connection_table.h"
#include "recorder/host/host.h"
#include "recorder/store/batch_rows.h"
#include "recorder/store/log_checkpointer.h"

namespace ctrack {

/// What a row of recordings says from the start.
struct RecordingInfo {
    Host host;
    std::string version;
    std::string cgroup_path;
    std::string rtt_mode;
    std::optional<std::string> adoption;
    std::string connect_errors;
    std::string options;
    std::int64_t clock_offset_us;
    std::int64_t started_us;
};

class Writer {
public:
    /// Opens or makes the file, marks recordings that were never finished as
    /// crashed and begins a new one. The caller holds the file's FileLock.
    /// From then on the file keeps within the limits. Throws Error.
    Writer(const std::string& path, const RecordingInfo& info, const RetentionLimits& limits = {});

    /// For the connection table.
    FirstIds first_ids();

    /// Begins a transaction, which lasts until write() or cancel(). False if another program
    /// has locked the file for writing, or log_is_full(). Throws Error.
    bool begin();

    /// At the last begin() the log had its share of the limit and could not be emptied.
    bool log_is_full() const { return log_is_full_; }

    /// Writes the batch and commits. Throws Error; then nothing of it is in the file, and
    /// it can be tried again from begin() on: a StorageError may pass.
    void write(const Batch& batch, std::int64_t committed_us);

    void cancel();

    /// How long begin() waits for another program's lock; 100 ms unless set.
    void wait_for_locks(std::chrono::milliseconds patience);

    /// Marks the recording as stopped and makes the file one file again, out of
    /// WAL mode. False if another program's use of it prevents the latter.
    bool finish(std::int64_t ended_us);

    /// Bytes on disk: the file and its write-ahead log.
    std::int64_t size_bytes() const;

private:
    void limit_log(const RetentionLimits& limits);
    std::int64_t begin_recording(const RecordingInfo& info);
    void roll_back();

    std::string path_;
    SQLite::Database db_;
    std::chrono::milliseconds patience_;
    bool log_is_full_ = false;
    std::int64_t recording_id_ = 0;
    std::optional<BatchRows> rows_;                    ///< from the constructor on
    std::unique_ptr<SQLite::Transaction> transaction_; ///< from begin() on
    std::unique_ptr<Checkpointer> checkpointer_;       ///< last: uses the file, is told by db_
};

} // namespace ctrack
