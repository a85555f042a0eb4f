// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/writer.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "common/sqlite_error.h"
#include "recorder/store/rows/listener_rows.h"
#include "recorder/store/sqlite/bind.h"
#include "schema/schema.h"

namespace ctrack {

namespace {

// A lock that lasts longer is met again at the next commit.
constexpr std::chrono::milliseconds patience{100};

// What a killed recorder left open ends where its last commit did.
constexpr const char* mark_crashed = R"sql(
UPDATE recordings SET end_kind = 'crashed', ended_us = coalesce(
  (SELECT max(committed_us) FROM batches WHERE recording_id = recordings.id), started_us)
WHERE end_kind = 'running')sql";

constexpr const char* insert_recording = R"sql(
INSERT INTO recordings (host_id, hostname, boot_id, kernel, ctrack_version, cgroup_path, clock,
                        clock_offset_us, rtt_mode, options, started_us, adoption,
                        connect_errors)
VALUES (?, ?, ?, ?, ?, ?, 'boottime', ?, ?, ?, ?, ?, ?)
RETURNING id)sql";

// What BEGIN IMMEDIATE does, but only to the file.
constexpr const char* lock_for_writing = "DELETE FROM main.batches WHERE false";

constexpr const char* insert_batch = R"sql(
INSERT INTO batches (recording_id, committed_us, first_time_us, last_time_us,
                     first_event_id, last_event_id, first_rtt_sample_id, last_rtt_sample_id,
                     clock_step_us, lost_lifecycle_ring, lost_sample_ring, lost_no_storage,
                     lost_decode_reject)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

// WAL lets readers in while we write; in it, NORMAL keeps the file whole through
// anything and loses at most the newest commits with the power.
SQLite::Database open_wal(const std::string& path) {
    schema::spare_memory_statistics();
    auto db = schema::open_for_writing(path);
    db.exec("PRAGMA synchronous = NORMAL");
    db.exec("PRAGMA secure_delete = OFF");           // pages that become free are not even written
    db.exec("PRAGMA ignore_check_constraints = ON"); // more than half of the recorder's CPU
    if (db.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
        throw Error(fmt::format("cannot record into {}: its file system has no shared memory for "
                                "SQLite's WAL mode: name a file on a local disk with --db",
                                path));
    return db;
}

int on_commit(void* checkpointer, sqlite3*, const char*, int log_pages) {
    static_cast<Checkpointer*>(checkpointer)->log_grew(log_pages);
    return SQLITE_OK;
}

// The log may have so many pages when a transaction begins.
int most_log_pages(const RetentionLimits& limits, std::int64_t page_bytes) {
    const std::int64_t frame_bytes = page_bytes + 24;
    const SizeBudget budget = divide(limits.max_bytes);
    return static_cast<int>((budget.log_bytes - budget.log_free_bytes) / frame_bytes);
}

void include(Range& range, std::int64_t time_us) {
    range.first = std::min(range.first.value_or(time_us), time_us);
    range.last = std::max(range.last.value_or(time_us), time_us);
}

Range times_of(const Batch& batch) {
    Range range;
    for (const auto& event : batch.events)
        include(range, event.time_us());
    for (const auto& sample : batch.rtt_samples)
        include(range, sample.time_us());
    return range;
}

[[noreturn]] void rethrow(const SQLite::Exception& e, const std::string& path) {
    throw_error(e.getErrorCode(), fmt::format("cannot write {}: {}", path, e.what()));
}

} // namespace

Writer::Writer(const std::string& path, const RecordingInfo& info,
               const RetentionLimits& limits) try
    : path_(path), db_(open_wal(path)),
      event_rows_(db_.getHandle(), "event_rows", EventRow::columns),
      rtt_rows_(db_.getHandle(), "rtt_rows", RttRow::columns), connection_rows_(db_),
      processes_(db_, info.clock_offset_us), cgroups_(db_),
      retention_(db_, limits, processes_, cgroups_), traffic_(db_, info.host.boot_id), times_(db_),
      replace_listener_(db_, replace_listener),
      insert_events_(db_, event_rows_.insert_into("packed_events")),
      insert_rtt_samples_(db_, rtt_rows_.insert_into("packed_rtt_samples")),
      insert_batch_(db_, insert_batch),
      checkpointer_(std::make_unique<Checkpointer>(
          path, most_log_pages(limits, db_.execAndGet("PRAGMA page_size").getInt64()))) {
    sqlite3_wal_hook(db_.getHandle(), on_commit, checkpointer_.get());
    limit_log(limits);
    begin_recording(info);
    wait_for_locks(patience);
} catch (const SQLite::Exception& e) {
    rethrow(e, path);
}

// One that was left behind or has once grown too long is cut when it begins anew.
void Writer::limit_log(const RetentionLimits& limits) {
    if (limits.max_bytes)
        db_.exec(fmt::format("PRAGMA journal_size_limit = {}", divide(limits.max_bytes).log_bytes));
}

void Writer::begin_recording(const RecordingInfo& info) {
    SQLite::Transaction transaction(db_);
    db_.exec(mark_crashed);
    {
        SQLite::Statement insert(db_, insert_recording);
        bind_all(insert, info.host.host_id, info.host.hostname, info.host.boot_id, info.host.kernel,
                 info.version, info.cgroup_path, info.clock_offset_us, info.rtt_mode, info.options,
                 info.started_us, info.adoption, info.connect_errors);
        insert.executeStep();
        recording_id_ = insert.getColumn(0).getInt64();
    }
    transaction.commit();
}

FirstIds Writer::first_ids() {
    const auto after_last = [this](const std::string& table) {
        return db_.execAndGet("SELECT coalesce(max(id), 0) + 1 FROM " + table).getInt64();
    };
    return {.connection = after_last("connections"), .listener = after_last("listeners")};
}

void Writer::wait_for_locks(std::chrono::milliseconds patience) {
    patience_ = patience;
    db_.setBusyTimeout(static_cast<int>(patience.count()));
}

bool Writer::begin() try {
    log_is_full_ = !transaction_ && !checkpointer_->wait_for_log(patience_);
    if (log_is_full_)
        return false;
    if (transaction_)
        return true;
    transaction_ = std::make_unique<SQLite::Transaction>(db_);
    db_.exec(lock_for_writing);
    return true;
} catch (const SQLite::Exception& e) {
    transaction_.reset();
    if (e.getErrorCode() == SQLITE_BUSY)
        return false;
    rethrow(e, path_);
}

void Writer::cancel() { transaction_.reset(); }

void Writer::write(const Batch& batch, std::int64_t committed_us) try {
    const Range times = times_of(batch);
    retention_.make_room(batch, times.first.value_or(committed_us), committed_us);
    write_owners(batch);
    write_listeners(batch);
    retention_.traffic_added(traffic_.write(batch, committed_us, processes_));
    times_.write(batch);
    write_connections(batch);
    event_rows_.show(std::span(batch.events));
    rtt_rows_.show(std::span(batch.rtt_samples));
    const Range events = append(insert_events_, batch.events.size());
    const Range rtt_samples = append(insert_rtt_samples_, batch.rtt_samples.size());
    write_batch_row(batch, committed_us, times, events, rtt_samples);
    note_rtt_source(batch);
    transaction_->commit();
    transaction_.reset();
} catch (const SQLite::Exception& e) {
    roll_back();
    rethrow(e, path_);
} catch (...) {
    roll_back();
    throw;
}

// Also what is known by now of rows that are not in the file.
void Writer::roll_back() {
    transaction_.reset();
    processes_.forget();
    cgroups_.forget();
    retention_.begin_anew();
    traffic_.begin_anew();
    times_.begin_anew();
    rtt_source_known_ = false;
}

void Writer::write_owners(const Batch& batch) {
    for (const auto& process : batch.processes)
        processes_.write(process);
    for (const auto& cgroup : batch.cgroups)
        cgroups_.write(cgroup);
}

OwnerRows Writer::owner_of(const ctrack_summary& summary) {
    const OwnerRows owner{processes_.id_of(summary.owner), cgroups_.id_of(summary.cgroup_id)};
    retention_.refer(owner.process_id, owner.cgroup_id);
    return owner;
}

void Writer::write_listeners(const Batch& batch) {
    for (const auto& row : batch.listeners) {
        const auto [process, cgroup] = owner_of(row.summary);
        bind_listener(replace_listener_, row, recording_id_, process, cgroup);
        replace_listener_.exec();
    }
}

void Writer::write_connections(const Batch& batch) {
    connection_owners_.clear();
    for (const auto& row : batch.connections)
        connection_owners_.push_back(owner_of(row.summary));
    connection_rows_.write({batch.connections, connection_owners_, recording_id_});
}

// SQLite numbers the rows of one insert without gaps: nobody else writes.
Range Writer::append(SQLite::Statement& insert, std::size_t rows) {
    if (rows == 0)
        return {};
    bind_all(insert);
    insert.exec();
    const std::int64_t last = db_.getLastInsertRowid();
    return {last - static_cast<std::int64_t>(rows) + 1, last};
}

void Writer::write_batch_row(const Batch& batch, std::int64_t committed_us, const Range& times,
                             Range events, Range rtt_samples) {
    bind_all(insert_batch_, recording_id_, committed_us, times.first, times.last, events.first,
             events.last, rtt_samples.first, rtt_samples.last, batch.clock_step_us,
             batch.losses.lifecycle_ring, batch.losses.sample_ring, batch.losses.no_storage,
             batch.losses.decode_reject);
    insert_batch_.exec();
}

void Writer::note_rtt_source(const Batch& batch) {
    if (rtt_source_known_ || !batch.rtt_source)
        return;
    SQLite::Statement update(db_, "UPDATE recordings SET rtt_source = ? WHERE id = ?");
    bind_all(update, *batch.rtt_source == CTRACK_RTT_MEASURED ? "measured" : "rack", recording_id_);
    update.exec();
    rtt_source_known_ = true;
}

bool Writer::finish(std::int64_t ended_us) try {
    SQLite::Statement update(
        db_, "UPDATE recordings SET ended_us = ?, end_kind = 'stopped' WHERE id = ?");
    bind_all(update, ended_us, recording_id_);
    update.exec();
    update.reset();
    sqlite3_wal_hook(db_.getHandle(), nullptr, nullptr);
    checkpointer_.reset();
    db_.exec("PRAGMA wal_checkpoint(PASSIVE)"); // all there is to do if it is being read
    return db_.tryExec("PRAGMA main.journal_mode = DELETE") == SQLITE_OK;
} catch (const SQLite::Exception& e) {
    rethrow(e, path_);
}

std::int64_t Writer::size_bytes() const {
    std::error_code none;
    std::int64_t bytes = 0;
    for (const char* suffix : {"", "-wal"}) {
        const auto size = std::filesystem::file_size(path_ + suffix, none);
        bytes += none ? 0 : static_cast<std::int64_t>(size);
    }
    return bytes;
}

} // namespace ctrack
