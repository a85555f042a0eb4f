// SPDX-License-Identifier: Apache-2.0
//
// Gives the rows of one file new ids on their way into the new file, and makes references follow
// them. Which column refers to which table is read from the schema.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "query/files/merge/owners.h"
#include "query/files/merge/plan.h"
#include "query/files/table_writer.h"

namespace ctrack::query::merge {

/// What becomes of the rows of a table when several files are merged.
enum class Treatment {
    owners,    ///< rows for the same process or cgroup become one
    plan,      ///< batches, and the rows that they hold, get the ids of the plan
    offset,    ///< ids go on behind those of the file before
    referring, ///< rows have no id of their own, but what they refer to has a new one
    sums,      ///< rows with the same key are added up
    made_anew, ///< rows are made of the connections of the new file
    lookup,    ///< rows are the same in every file
};

/// Throws std::logic_error for a table that it does not know; a unit test asks for all of them.
Treatment treatment_of(std::string_view table);

class Renumber : public RowStep {
public:
    /// The greatest ids given so far, by table. The ids of this file come after them.
    using LastIds = std::map<std::string, std::int64_t>;

    Renumber(const FilePlan& plan, Owners& owners, const LastIds& last_ids)
        : plan_(plan), owners_(owners), offsets_(last_ids), last_ids_(last_ids) {}

    void begin(const Table& table, const std::vector<std::string>& columns) override;
    bool take(Row& row) override;

    /// The greatest ids given so far, including those of this file.
    const LastIds& last_ids() const { return last_ids_; }

    /// How many events and samples belong to no batch.
    std::int64_t strays() const { return strays_; }

private:
    bool follow_references(Row& row);
    bool place_id(Row& row);
    bool take_batch(Row& row);
    bool take_held(Row& row, const std::vector<Shift>& shifts);
    std::int64_t& integer(Row& row, std::string_view column);

    const FilePlan& plan_;
    Owners& owners_;
    LastIds offsets_, last_ids_;
    std::int64_t strays_ = 0;
    std::string table_;
    std::vector<std::string> columns_;
    std::vector<std::pair<std::size_t, std::string>> parents_;
    std::size_t next_shift_ = 0;
    IdMap processes_, cgroups_;
    std::unordered_set<std::int64_t> dropped_connections_;
};

} // namespace ctrack::query::merge
