// SPDX-License-Identifier: Apache-2.0
#include "query/files/merge/renumber.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace ctrack::query::merge {

namespace {

constexpr std::array treatments{
    std::pair{"recordings", Treatment::offset},
    std::pair{"snapshots", Treatment::referring},
    std::pair{"processes", Treatment::owners},
    std::pair{"cgroups", Treatment::owners},
    std::pair{"connections", Treatment::offset},
    std::pair{"listeners", Treatment::offset},
    std::pair{"events", Treatment::plan},
    std::pair{"packed_rtt_samples", Treatment::plan},
    std::pair{"batches", Treatment::plan},
    std::pair{"retention", Treatment::sums},
    std::pair{"traffic_sums", Treatment::sums},
    std::pair{"traffic_recent", Treatment::offset},
    std::pair{"long_connections", Treatment::made_anew},
    std::pair{"event_kinds", Treatment::lookup},
    std::pair{"tcp_states", Treatment::lookup},
    std::pair{"errnos", Treatment::lookup},
};

} // namespace

Treatment treatment_of(std::string_view table) {
    for (const auto& [name, treatment] : treatments)
        if (name == table)
            return treatment;
    throw std::logic_error(fmt::format("merge does not know the table {}", table));
}

void Renumber::begin(const Table& table, const std::vector<std::string>& columns) {
    table_ = table.name;
    columns_ = columns;
    next_shift_ = 0;
    parents_.clear();
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (const auto parent = table.parents.find(columns[i]); parent != table.parents.end())
            parents_.emplace_back(i, parent->second);
}

std::int64_t& Renumber::integer(Row& row, std::string_view column) {
    const auto place = std::find(columns_.begin(), columns_.end(), column) - columns_.begin();
    return std::get<std::int64_t>(row.at(static_cast<std::size_t>(place)));
}

bool Renumber::take(Row& row) { return follow_references(row) && place_id(row); }

bool Renumber::follow_references(Row& row) {
    for (const auto& [place, parent] : parents_) {
        auto* id = std::get_if<std::int64_t>(&row[place]);
        if (id == nullptr)
            continue;
        if (parent == "processes" || parent == "cgroups") {
            const auto& ids = parent == "processes" ? processes_ : cgroups_;
            const auto known = ids.find(*id);
            *id = known == ids.end() ? 0 : known->second;
        } else if (parent == "recordings") {
            if (plan_.dropped_recordings.contains(*id)) {
                if (table_ == "connections")
                    dropped_connections_.insert(integer(row, "id"));
                return false;
            }
            *id += offsets_[parent];
        } else if (parent == "connections") {
            if (dropped_connections_.contains(*id))
                return false;
            *id += offsets_[parent];
        }
    }
    return true;
}

bool Renumber::place_id(Row& row) {
    switch (treatment_of(table_)) {
    case Treatment::owners:
        return table_ == "processes" ? owners_.take_process(columns_, row, processes_)
                                     : owners_.take_cgroup(columns_, row, cgroups_);
    case Treatment::plan:
        return table_ == "batches"
                   ? take_batch(row)
                   : take_held(row, table_ == "events" ? plan_.events : plan_.samples);
    case Treatment::offset: {
        auto& id = integer(row, "id");
        if (table_ == "recordings" && plan_.dropped_recordings.contains(id))
            return false;
        id += offsets_[table_];
        last_ids_[table_] = std::max(last_ids_[table_], id);
        return true;
    }
    default: return true;
    }
}

bool Renumber::take_batch(Row& row) {
    auto& id = integer(row, "id");
    const auto& ids = plan_.batches.at(id);
    id = ids.id;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        auto* value = std::get_if<std::int64_t>(&row[i]);
        if (value == nullptr)
            continue;
        if (columns_[i] == "first_event_id" || columns_[i] == "last_event_id")
            *value += ids.event_shift;
        else if (columns_[i] == "first_rtt_sample_id" || columns_[i] == "last_rtt_sample_id")
            *value += ids.sample_shift;
        else if (columns_[i] == "first_connection_id" || columns_[i] == "last_connection_id")
            *value += offsets_["connections"];
    }
    return true;
}

// Shifts the id of an event or a sample. Rows come in the order of their ids.
bool Renumber::take_held(Row& row, const std::vector<Shift>& shifts) {
    auto& id = integer(row, "id");
    while (next_shift_ < shifts.size() && shifts[next_shift_].last < id)
        ++next_shift_;
    if (next_shift_ == shifts.size() || id < shifts[next_shift_].first) {
        ++strays_;
        return false;
    }
    id += shifts[next_shift_].shift;
    return true;
}

} // namespace ctrack::query::merge
