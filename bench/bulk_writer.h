// SPDX-License-Identifier: Apache-2.0
//
// Batches -> a ctrack file as fast as it goes: the rows that the recorder's Writer
// would make, by its own parts, but with nothing that a crash would leave whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/fold/batch.h"
#include "recorder/store/rows/connection_rows.h"
#include "recorder/store/rows/connection_times.h"
#include "recorder/store/rows/owner_ids.h"
#include "recorder/store/sqlite/integer_table.h"
#include "recorder/store/sums/traffic_writer.h"

namespace ctrack::bench {

class BulkWriter {
public:
    /// A new file with one recording that began then.
    BulkWriter(const std::string& path, std::int64_t started_us);

    void write(const Batch& batch, std::int64_t committed_us);
    void finish(std::int64_t ended_us);

private:
    struct Appended {
        std::optional<std::int64_t> first, last;
    };

    void write_connections(const Batch& batch);
    Appended append(SQLite::Statement& insert, std::size_t rows);

    SQLite::Database db_;
    IntegerTable event_rows_;
    IntegerTable rtt_rows_;
    ConnectionRows connection_rows_;
    std::vector<OwnerRows> owners_; ///< of the batch
    ProcessIds processes_;
    CgroupIds cgroups_;
    TrafficWriter traffic_;
    ConnectionTimes times_;
    SQLite::Statement insert_events_;
    SQLite::Statement insert_rtt_samples_;
    SQLite::Statement insert_batch_;
};

} // namespace ctrack::bench
