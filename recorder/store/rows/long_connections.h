// SPDX-License-Identifier: Apache-2.0
//
// The table long_connections. A report finds the connections of its window in two ways: by the
// ids in the batches committed about then, and by this table, which has those that began long
// before. An index on connections would cost the writer a sixth of its CPU.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/rows/batch_plan.h"

namespace ctrack {

class LongConnections {
public:
    explicit LongConnections(SQLite::Database& db);

    /// Is called in the transaction that writes the batch.
    void write(const BatchPlan& plan);

private:
    void write(const ConnectionRow& row, bool is_new);

    SQLite::Statement add_open_, add_closed_, erase_;
};

} // namespace ctrack
