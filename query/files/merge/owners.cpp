// SPDX-License-Identifier: Apache-2.0
#include "query/files/merge/owners.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/sql/bind.h"

namespace ctrack::query::merge {

namespace {

// Finds the row with the same key, and whether it stands for the same. What is not known agrees
// with anything. The start of one process may differ by two seconds between two recordings, because
// the wall clock may have been set a little.
const std::map<std::string, const char*>& known_sql() {
    static const std::map<std::string, const char*> sql{
        {"processes", "SELECT id, coalesce(abs(started_us - :started_us) <= 2000000, TRUE)"
                      " AND coalesce(exe = :exe, TRUE) AND coalesce(cmdline = :cmdline, TRUE)"
                      " AND coalesce(uid = :uid, TRUE) FROM main.processes WHERE pid = :pid"
                      " AND start_boottime_ns = :start_boottime_ns AND exec_id = :exec_id"
                      " AND comm = :comm"},
        {"cgroups",
         "SELECT id, TRUE FROM main.cgroups WHERE kernel_id = :kernel_id AND path = :path"},
    };
    return sql;
}

std::size_t place_of(const char* column, const std::vector<std::string>& columns) {
    return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), column) -
                                    columns.begin());
}

} // namespace

void Owners::begin(const Table& table, const std::vector<std::string>& columns) {
    table_ = table.name;
    next_id_ = target_.execAndGet("SELECT coalesce(max(id), 0) + 1 FROM main." + table_).getInt64();
    id_at_ = place_of("id", columns);
    start_at_ = place_of("start_boottime_ns", columns);
    known_.emplace(target_, known_sql().at(table_));
    compared_.clear();
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (const int parameter = known_->getIndex((":" + columns[i]).c_str()); parameter > 0)
            compared_.emplace_back(i, parameter);
}

bool Owners::find_known(const Row& row) {
    known_->reset();
    for (const auto& [column, parameter] : compared_)
        std::visit(Binder{*known_, parameter}, row[column]);
    return known_->executeStep();
}

bool Owners::take(Row& row) {
    auto& id = std::get<std::int64_t>(row.at(id_at_));
    auto& new_id = ids_[table_][id];
    while (find_known(row)) {
        if (known_->getColumn(1).getInt() != 0) {
            new_id = known_->getColumn(0);
            return false;
        }
        // This may be another host's process, but no two rows may have the same key.
        ++std::get<std::int64_t>(row.at(start_at_));
    }
    known_->reset();
    new_id = id == 0 ? 0 : next_id_++;
    id = new_id;
    return true;
}

std::int64_t Owners::new_id(const std::string& table, std::int64_t old_id) const {
    const auto ids = ids_.find(table);
    if (ids == ids_.end())
        return 0;
    const auto known = ids->second.find(old_id);
    return known == ids->second.end() ? 0 : known->second;
}

} // namespace ctrack::query::merge
