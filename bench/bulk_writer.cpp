// SPDX-License-Identifier: Apache-2.0
#include "bench/bulk_writer.h"

#include <SQLiteCpp/Transaction.h>

#include "bench/recording_info.h"
#include "recorder/store/sqlite/bind.h"
#include "schema/schema.h"

namespace ctrack::bench {

namespace {

// Without what a recorder needs: a journal, a disk that has it, doubts about its own rows.
SQLite::Database open(const std::string& path, std::int64_t started_us) {
    { Writer begins_the_recording(path, recording_info(started_us)); }
    auto db = schema::open_for_writing(path);
    db.execAndGet("PRAGMA journal_mode = OFF");
    db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; "
            "PRAGMA ignore_check_constraints = ON");
    return db;
}

} // namespace

BulkWriter::BulkWriter(const std::string& path, std::int64_t started_us)
    : db_(open(path, started_us)),
      rows_(db_,
            {.id = 1,
             .boot_id = recording_info(started_us).host.boot_id,
             .clock_offset_us = recording_info(started_us).clock_offset_us},
            {}) {}

void BulkWriter::write(const Batch& batch, std::int64_t committed_us) {
    SQLite::Transaction transaction(db_);
    rows_.write(batch, committed_us);
    transaction.commit();
}

void BulkWriter::finish(std::int64_t ended_us) {
    SQLite::Statement update(db_, "UPDATE recordings SET rtt_source = 'measured', "
                                  "end_kind = 'stopped', ended_us = ?");
    bind_all(update, ended_us);
    update.exec();
}

} // namespace ctrack::bench
