// SPDX-License-Identifier: Apache-2.0
//
// Batches -> a ctrack file as fast as it goes: the rows that the recorder's Writer
// makes, but with nothing that a crash would leave whole.
#pragma once

#include <cstdint>
#include <string>

#include <SQLiteCpp/Database.h>

#include "recorder/fold/batch.h"
#include "recorder/store/batch_rows.h"

namespace ctrack::bench {

class BulkWriter {
public:
    /// A new file with one recording that began then.
    BulkWriter(const std::string& path, std::int64_t started_us);

    void write(const Batch& batch, std::int64_t committed_us);
    void finish(std::int64_t ended_us);

private:
    SQLite::Database db_;
    BatchRows rows_;
};

} // namespace ctrack::bench
