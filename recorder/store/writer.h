// SPDX-License-Identifier: Apache-2.0
//
// Batches -> the ctrack file, one transaction each. Of the recorder, only the
// writer and its parts (incoming_table, integer_table, owner_ids, connection_rows, retention,
// checkpointer and the like) know SQLite.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include "recorder/fold/batch.h"
#include "recorder/fold/connection_table.h"
#include "recorder/host/host.h"
#include "recorder/store/log_checkpointer.h"
#include "recorder/store/retention/retention.h"
#include "recorder/store/rows/connection_rows.h"
#include "recorder/store/rows/connection_times.h"
#include "recorder/store/rows/owner_ids.h"
#include "recorder/store/sqlite/integer_table.h"
#include "recorder/store/sums/traffic_writer.h"

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

/// Of ids or of times; both bounds are within.
struct Range {
    std::optional<std::int64_t> first, last;
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
    void begin_recording(const RecordingInfo& info);
    OwnerRows owner_of(const ctrack_summary& summary);
    void write_owners(const Batch& batch);
    void write_listeners(const Batch& batch);
    void write_connections(const Batch& batch);
    Range append(SQLite::Statement& insert, std::size_t rows);
    void write_batch_row(const Batch& batch, std::int64_t committed_us, const Range& times,
                         Range events, Range rtt_samples);
    void note_rtt_source(const Batch& batch);
    void roll_back();

    std::string path_;
    SQLite::Database db_;
    std::int64_t recording_id_ = 0;
    std::chrono::milliseconds patience_;
    bool log_is_full_ = false;
    bool rtt_source_known_ = false;
    IntegerTable event_rows_;
    IntegerTable rtt_rows_;
    ConnectionRows connection_rows_;
    std::vector<OwnerRows> connection_owners_; ///< of the batch, in its order
    ProcessIds processes_;
    CgroupIds cgroups_;
    Retention retention_;
    TrafficWriter traffic_;
    ConnectionTimes times_;
    SQLite::Statement replace_listener_;
    SQLite::Statement insert_events_;
    SQLite::Statement insert_rtt_samples_;
    SQLite::Statement insert_batch_;
    std::unique_ptr<SQLite::Transaction> transaction_; ///< from begin() on
    std::unique_ptr<Checkpointer> checkpointer_;       ///< last: uses the file, is told by db_
};

} // namespace ctrack
