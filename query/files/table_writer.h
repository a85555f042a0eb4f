// SPDX-License-Identifier: Apache-2.0
//
// Writes the rows of a result into a table of another file. It is a Renderer, so that a result is
// copied by the same code that shows one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "query/files/tables.h"
#include "query/render/renderer.h"

namespace ctrack::query {

/// What happens to a row on its way into another file.
class RowStep {
public:
    virtual ~RowStep() = default;

    /// Says that rows of this table follow, and which columns they have.
    virtual void begin(const Table& table, const std::vector<std::string>& columns) = 0;

    /// Sees a row, which it may change. Returns false if the row is to be left out.
    virtual bool take(Row& row) = 0;
};

class TableWriter : public Renderer {
public:
    /// Each row goes through the step, if there is one; it and the table must live as long as this.
    /// `on_conflict` is the SQL for a row whose key is already there; if it is empty, the row that
    /// is there is replaced.
    TableWriter(SQLite::Database& db, const Table& table, RowStep* step,
                std::string on_conflict = "");

    /// If two columns have the same name the last one counts, so that "SELECT *, 1 AS x" changes x.
    void begin(const std::vector<std::string>& columns, const Layout& layout) override;

    void row(const Row& row) override;

private:
    SQLite::Database& db_;
    const Table& table_;
    RowStep* step_;
    std::string on_conflict_;
    std::vector<std::size_t> places_; ///< where the columns that are written are in the result
    std::optional<SQLite::Statement> insert_;
    Row row_;
};

} // namespace ctrack::query
