// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/render/renderer.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// Keeps all rows of a result.
class RowCollector : public Renderer {
public:
    void row(const Row& row) override { rows.push_back(row); }

    std::vector<Row> rows;
};

/// Runs one statement and returns all rows of its result.
inline std::vector<Row> all_rows(Database& database, const std::string& sql,
                                 const Parameters& parameters = {{0, 0}, -1}) {
    RowCollector rows_taken;
    database.run({sql, {}}, parameters, rows_taken);
    return std::move(rows_taken.rows);
}

} // namespace ctrack::query
