// SPDX-License-Identifier: Apache-2.0
//
// Brings the processes and cgroups of several files into one table each. A row that stands for the
// same process or cgroup as a row that is there already is not written again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <SQLiteCpp/Statement.h>

#include "query/files/table_writer.h"

namespace ctrack::query::merge {

/// Gives the rows of the tables processes and cgroups of one file their new ids.
class Owners : public RowStep {
public:
    explicit Owners(SQLite::Database& target) : target_(target) {}

    void begin(const Table& table, const std::vector<std::string>& columns) override;
    bool take(Row& row) override;

    /// The new id of an owner; 0 for an unknown one.
    std::int64_t new_id(const std::string& table, std::int64_t old_id) const;

private:
    bool find_known(const Row& row);

    SQLite::Database& target_;
    std::map<std::string, std::unordered_map<std::int64_t, std::int64_t>> ids_; ///< by table
    std::string table_;
    std::int64_t next_id_ = 0;
    std::size_t id_at_ = 0, start_at_ = 0;
    std::optional<SQLite::Statement> known_;            ///< finds the row that has the same key
    std::vector<std::pair<std::size_t, int>> compared_; ///< has a column and its parameter
};

} // namespace ctrack::query::merge
