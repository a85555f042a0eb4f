// SPDX-License-Identifier: Apache-2.0
#include "bench/bulk_writer.h"

#include <SQLiteCpp/Transaction.h>

#include "bench/recording_info.h"
#include "recorder/store/sqlite/bind.h"
#include "schema/schema.h"

namespace ctrack::bench {

namespace {

constexpr std::int64_t recording_id = 1;

constexpr const char* insert_batch = R"sql(
INSERT INTO batches (recording_id, committed_us, first_time_us, last_time_us,
                     first_event_id, last_event_id, first_rtt_sample_id, last_rtt_sample_id,
                     lost_lifecycle_ring, lost_sample_ring)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

// Without what a recorder needs: a journal, a disk that has it, doubts about its own rows.
SQLite::Database open(const std::string& path, std::int64_t started_us) {
    { Writer begins_the_recording(path, recording_info(started_us)); }
    auto db = schema::open_for_writing(path);
    db.execAndGet("PRAGMA journal_mode = OFF");
    db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; "
            "PRAGMA ignore_check_constraints = ON");
    return db;
}

// The rows are in the order of time.
template <class Pick> std::optional<std::int64_t> time_of(const Batch& batch, Pick pick) {
    std::optional<std::int64_t> time_us;
    if (!batch.events.empty())
        time_us = pick(batch.events.front().time_us(), batch.events.back().time_us());
    if (!batch.rtt_samples.empty()) {
        const auto& rows = batch.rtt_samples;
        const std::int64_t picked = pick(rows.front().time_us(), rows.back().time_us());
        time_us = pick(std::min(time_us.value_or(picked), picked),
                       std::max(time_us.value_or(picked), picked));
    }
    return time_us;
}

std::int64_t first(std::int64_t a, std::int64_t) { return a; }
std::int64_t last(std::int64_t, std::int64_t b) { return b; }

} // namespace

BulkWriter::BulkWriter(const std::string& path, std::int64_t started_us)
    : db_(open(path, started_us)), event_rows_(db_.getHandle(), "event_rows", EventRow::columns),
      rtt_rows_(db_.getHandle(), "rtt_rows", RttRow::columns), connection_rows_(db_),
      processes_(db_, recording_info(started_us).clock_offset_us), cgroups_(db_),
      traffic_(db_, recording_info(started_us).host.boot_id), times_(db_),
      insert_events_(db_, event_rows_.insert_into("packed_events")),
      insert_rtt_samples_(db_, rtt_rows_.insert_into("packed_rtt_samples")),
      insert_batch_(db_, insert_batch) {}

void BulkWriter::write(const Batch& batch, std::int64_t committed_us) {
    SQLite::Transaction transaction(db_);
    for (const auto& process : batch.processes)
        processes_.write(process);
    for (const auto& cgroup : batch.cgroups)
        cgroups_.write(cgroup);
    traffic_.write(batch, committed_us, processes_);
    times_.write(batch);
    write_connections(batch);
    event_rows_.show(std::span(batch.events));
    rtt_rows_.show(std::span(batch.rtt_samples));
    const auto events = append(insert_events_, batch.events.size());
    const auto samples = append(insert_rtt_samples_, batch.rtt_samples.size());
    bind_all(insert_batch_, recording_id, committed_us, time_of(batch, first), time_of(batch, last),
             events.first, events.last, samples.first, samples.last, batch.losses.lifecycle_ring,
             batch.losses.sample_ring);
    insert_batch_.exec();
    transaction.commit();
}

void BulkWriter::write_connections(const Batch& batch) {
    owners_.clear();
    for (const auto& row : batch.connections)
        owners_.push_back(
            {processes_.id_of(row.summary.owner), cgroups_.id_of(row.summary.cgroup_id)});
    connection_rows_.write({batch.connections, owners_, recording_id});
}

BulkWriter::Appended BulkWriter::append(SQLite::Statement& insert, std::size_t rows) {
    if (rows == 0)
        return {};
    insert.reset();
    insert.exec();
    const std::int64_t last = db_.getLastInsertRowid();
    return {last - static_cast<std::int64_t>(rows) + 1, last};
}

void BulkWriter::finish(std::int64_t ended_us) {
    SQLite::Statement update(db_, "UPDATE recordings SET rtt_source = 'measured', "
                                  "end_kind = 'stopped', ended_us = ?");
    bind_all(update, ended_us);
    update.exec();
}

} // namespace ctrack::bench
