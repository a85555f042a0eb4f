// SPDX-License-Identifier: Apache-2.0
//
// Writes the rows of a result into a table of another file: a result is copied as it is
// shown, through a Renderer.
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

    /// Rows of this table follow, with these columns.
    virtual void begin(const Table& table, const std::vector<std::string>& columns) = 0;

    /// May change it. Whether it goes on.
    virtual bool take(Row& row) = 0;
};

class TableWriter : public Renderer {
public:
    /// The steps are taken in their order. All must live as long. on_conflict: what is done
    /// about a row whose key is there, as SQL; empty: it is replaced.
    TableWriter(SQLite::Database& db, const Table& table, std::vector<RowStep*> steps,
                std::string on_conflict = "");

    /// Of two columns of one name the last counts, so that "SELECT *, 1 AS x" changes x.
    void begin(const std::vector<std::string>& columns, const Layout& layout) override;

    void row(const Row& row) override;
    void end() override;

private:
    bool prepare_row(const Row& row);

    SQLite::Database& db_;
    const Table& table_;
    std::vector<RowStep*> steps_;
    std::string on_conflict_;
    std::vector<std::size_t> places_; ///< of the columns in the result
    std::optional<SQLite::Statement> insert_;
    Row row_;
};

} // namespace ctrack::query
