// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/writer.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "common/sqlite_error.h"
#include "common/stored_text.h"
#include "recorder/store/sqlite/bind.h"
#include "schema/schema.h"

namespace ctrack {

namespace {

// If another program's lock lasts longer, the next commit tries again.
constexpr std::chrono::milliseconds patience{100};

// A recording that a killed recorder left ends with its last commit.
constexpr const char* mark_crashed = R"sql(
UPDATE recordings SET end_kind = 'crashed', ended_us = max(started_us, heartbeat_us, coalesce(
  (SELECT max(committed_us) FROM batches WHERE recording_id = recordings.id), 0))
WHERE end_kind = 'running')sql";

constexpr const char* insert_recording = R"sql(
INSERT INTO recordings (host_id, hostname, boot_id, kernel, ctrack_version, cgroup_path, clock,
                        clock_offset_us, rtt_mode, options, started_us, adoption,
                        connect_errors, heartbeat_interval_us)
VALUES (?, ?, ?, ?, ?, ?, 'boottime', ?, ?, ?, ?, ?, ?, ?)
RETURNING id)sql";

constexpr const char* note_heartbeat =
    "UPDATE recordings SET heartbeat_us = ?, heartbeat_interval_us = ?, options = ? WHERE id = ?";

constexpr const char* content_bytes_sql =
    "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";

// BEGIN IMMEDIATE would lock the attached tables of incoming rows too, which fails. This locks the
// file alone.
constexpr const char* lock_for_writing = "DELETE FROM main.batches WHERE false";

// A trigger would run whatever its author likes, each time that the recorder writes.
void refuse_triggers(SQLite::Database& db, const std::string& path) {
    SQLite::Statement triggers(db, "SELECT name FROM main.sqlite_schema WHERE type = 'trigger'");
    if (triggers.executeStep())
        throw Error(
            fmt::format("cannot record into {}: another program has put the trigger {} into "
                        "it: drop it, or name another file with --db",
                        path, triggers.getColumn(0).getString()));
}

// WAL mode lets others read while we write. In it, synchronous = NORMAL keeps the file whole
// whatever happens, and a power failure loses the newest commits at most.
SQLite::Database open_wal(const std::string& path) {
    schema::spare_memory_statistics();
    auto db = schema::open_for_writing(path);
    refuse_triggers(db, path);
    db.exec("PRAGMA synchronous = NORMAL");
    db.exec("PRAGMA temp_store = MEMORY");
    db.exec("PRAGMA secure_delete = OFF"); // else each page that becomes free is written once more
    db.exec(
        "PRAGMA ignore_check_constraints = ON"); // they take more than half of the recorder's CPU
    if (db.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
        throw Error(fmt::format("cannot record into {}: its file system has no shared memory for "
                                "SQLite's WAL mode: name a file on a local disk with --db",
                                path));
    return db;
}

int on_commit(void* checkpointer, sqlite3*, const char*, int log_pages) {
    static_cast<LogCheckpointer*>(checkpointer)->log_grew(log_pages);
    return SQLITE_OK;
}

[[noreturn]] void rethrow(const SQLite::Exception& e, const std::string& path) {
    throw_error(e.getErrorCode(), fmt::format("cannot write {}: {}", path, e.what()));
}

} // namespace

Writer::Writer(const std::string& path, const RecordingInfo& info,
               const RetentionLimits& limits) try
    : path_(path), db_(open_wal(path)), boot_id_(info.host.boot_id),
      heartbeat_interval_us_(info.heartbeat_interval_us), options_(info.options),
      content_bytes_(db_, content_bytes_sql), note_heartbeat_(db_, note_heartbeat),
      checkpointer_(std::make_unique<LogCheckpointer>(path, most_log_pages(limits))) {
    sqlite3_wal_hook(db_.getHandle(), on_commit, checkpointer_.get());
    limit_log(limits);
    recording_id_ = begin_recording(info);
    put_log_into_file(); // so that a copy without the log knows that it was being recorded into
    rows_.emplace(db_, BatchRows::Recording{recording_id_, info.host.boot_id, info.clock_offset_us},
                  limits);
    wait_for_locks(patience);
} catch (const SQLite::Exception& e) {
    rethrow(e, path);
}

// How many pages the log may have when a transaction begins. SQLite counts them in an int.
int Writer::most_log_pages(const RetentionLimits& limits) {
    const std::int64_t frame_bytes = db_.execAndGet("PRAGMA page_size").getInt64() + 24;
    const SizeBudget budget = divide(limits.max_bytes);
    const std::int64_t pages = (budget.log_bytes - budget.log_free_bytes) / frame_bytes;
    return static_cast<int>(std::min<std::int64_t>(pages, std::numeric_limits<int>::max()));
}

// A log that was left behind or has grown too long is cut to this size when it begins anew; never
// if there is no bound.
void Writer::limit_log(const RetentionLimits& limits) {
    db_.exec(fmt::format("PRAGMA journal_size_limit = {}",
                         limits.max_bytes ? divide(limits.max_bytes).log_bytes : -1));
}

void Writer::change(const RecordingChange& change) try {
    limit_log(change.limits);
    checkpointer_->set_most_log_pages(most_log_pages(change.limits));
    rows_->set_limits(change.limits);
    options_ = change.options;
    heartbeat_interval_us_ = change.heartbeat_interval_us;
    heartbeat_us_ = 0; // so that the next commit writes the row
} catch (const SQLite::Exception& e) {
    rethrow(e, path_);
}

std::int64_t Writer::begin_recording(const RecordingInfo& info) {
    SQLite::Transaction transaction(db_);
    db_.exec(mark_crashed);
    SQLite::Statement insert(db_, insert_recording);
    bind_all(insert, stored_text(info.host.host_id), stored_text(info.host.hostname),
             stored_text(info.host.boot_id), stored_text(info.host.kernel), info.version,
             stored_text(info.cgroup_path), info.clock_offset_us, info.rtt_mode,
             stored_text(info.options), info.started_us, info.adoption, info.connect_errors,
             info.heartbeat_interval_us);
    const std::int64_t id = first_number(insert);
    write_checks(id, info.checks);
    transaction.commit();
    return id;
}

void Writer::write_checks(std::int64_t recording_id, const Checks& checks) {
    SQLite::Statement insert(db_, "INSERT INTO host_checks VALUES (?, ?, ?, ?, ?)");
    for (const auto& check : checks) {
        bind_all(insert, recording_id, check.part, name_of(check.state), stored_text(check.found),
                 check.costs);
        insert.exec();
    }
}

LeftOffs Writer::left_off() try {
    return read_left_off(db_, boot_id_, recording_id_);
} catch (const SQLite::Exception& e) {
    rethrow(e, path_);
}

// A batch whose connections are deleted may still be there: no other connection gets their ids.
FirstIds Writer::first_ids() {
    const auto after = [this](const char* last_id) {
        return db_.execAndGet(fmt::format("SELECT coalesce(({}), 0) + 1", last_id)).getInt64();
    };
    return {.connection = after("SELECT max(id) FROM (SELECT max(id) AS id FROM connections UNION "
                                "SELECT max(last_connection_id) FROM batches)"),
            .listener = after("SELECT max(id) FROM listeners")};
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

void Writer::write_nothing(std::int64_t now_us) try {
    if (beat(now_us))
        commit();
    transaction_.reset();
} catch (const SQLite::Exception& e) {
    roll_back();
    rethrow(e, path_);
}

// Notes that the recorder runs, unless it was noted within the interval.
bool Writer::beat(std::int64_t now_us) {
    if (now_us - heartbeat_us_ < heartbeat_interval_us_)
        return false;
    bind_all(note_heartbeat_, now_us, heartbeat_interval_us_, stored_text(options_), recording_id_);
    note_heartbeat_.exec();
    heartbeat_us_ = now_us;
    return true;
}

void Writer::commit() {
    transaction_->commit();
    transaction_.reset();
}

void Writer::write(const Batch& batch, std::int64_t committed_us) try {
    rows_->write(batch, committed_us);
    beat(committed_us);
    commit();
} catch (const SQLite::Exception& e) {
    roll_back();
    rethrow(e, path_);
} catch (...) {
    roll_back();
    throw;
}

void Writer::roll_back() {
    transaction_.reset();
    heartbeat_us_ = 0;
    rows_->forget();
}

void Writer::put_log_into_file() { db_.exec("PRAGMA wal_checkpoint(PASSIVE)"); }

void Writer::end_recording(std::int64_t ended_us) {
    SQLite::Statement update(
        db_, "UPDATE recordings SET ended_us = ?, end_kind = 'stopped' WHERE id = ?");
    bind_all(update, ended_us, recording_id_);
    update.exec();
    update.reset();
    sqlite3_wal_hook(db_.getHandle(), nullptr, nullptr);
    checkpointer_.reset();
}

bool Writer::finish(std::int64_t ended_us) try {
    end_recording(ended_us);
    put_log_into_file(); // is all that can be done if somebody reads the file
    return db_.tryExec("PRAGMA main.journal_mode = DELETE") == SQLITE_OK;
} catch (const SQLite::Exception& e) {
    rethrow(e, path_);
}

bool Writer::leave(std::int64_t ended_us) try {
    transaction_.reset();
    end_recording(ended_us);
    return db_.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() == 0; // else it is in use
} catch (const SQLite::Exception&) {
    return false;
}

std::vector<LeftOpen> Writer::left_open() try {
    return rows_->left_open();
} catch (const SQLite::Exception&) {
    return {};
}

std::int64_t Writer::content_bytes() { return first_number(content_bytes_); }

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
