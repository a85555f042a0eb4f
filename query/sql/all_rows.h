// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/render/renderer.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// Takes all rows of a result.
class Collector : public Renderer {
public:
    void begin(const std::vector<std::string>&, const Layout&) override {}
    void row(const Row& row) override { rows.push_back(row); }
    void end() override {}

    std::vector<Row> rows;
};

/// All rows of one statement.
inline std::vector<Row> collect(Database& database, const std::string& sql,
                                const Parameters& parameters = {{0, 0}, -1}) {
    Collector collector;
    database.run({sql, {}}, parameters, collector);
    return std::move(collector.rows);
}

} // namespace ctrack::query
