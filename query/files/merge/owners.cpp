// SPDX-License-Identifier: Apache-2.0
#include "query/files/merge/owners.h"

#include <algorithm>
#include <cstdlib>

namespace ctrack::query::merge {

namespace {

// The start of one process may differ so much between two recordings, because the wall clock may
// have been set a little.
constexpr std::int64_t same_start_us = 2'000'000;

Value& at(const Owners::Names& columns, Row& row, const char* name) {
    return row.at(static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) -
                                           columns.begin()));
}

bool agree(const Value& a, const Value& b) {
    return std::holds_alternative<std::monostate>(a) || std::holds_alternative<std::monostate>(b) ||
           a == b;
}

bool started_together(const Value& a, const Value& b) {
    const auto* first = std::get_if<std::int64_t>(&a);
    const auto* second = std::get_if<std::int64_t>(&b);
    return first == nullptr || second == nullptr || std::abs(*first - *second) <= same_start_us;
}

std::int64_t renumber(Value& id, std::int64_t& next, IdMap& ids) {
    const auto old_id = std::get<std::int64_t>(id);
    const auto new_id = old_id == 0 ? 0 : next++;
    ids[old_id] = new_id;
    id = new_id;
    return new_id;
}

} // namespace

bool Owners::take_process(const Names& columns, Row& row, IdMap& ids) {
    const auto* pid = std::get_if<std::int64_t>(&at(columns, row, "pid"));
    auto* start = std::get_if<std::int64_t>(&at(columns, row, "start_boottime_ns"));
    const auto* comm = std::get_if<std::string>(&at(columns, row, "comm"));
    auto& id = at(columns, row, "id");
    if (pid == nullptr || start == nullptr || comm == nullptr) {
        renumber(id, next_process_, ids);
        return true;
    }
    const Process process{0, at(columns, row, "started_us"), at(columns, row, "exe"),
                          at(columns, row, "cmdline"), at(columns, row, "uid")};
    for (;; ++*start) { // no two rows may have the same key, and this may be another host's process
        const auto [known, is_new] = processes_.try_emplace({*pid, *start, *comm}, process);
        if (is_new) {
            known->second.id = renumber(id, next_process_, ids);
            return true;
        }
        const auto& other = known->second;
        if (started_together(other.started_us, process.started_us) &&
            agree(other.exe, process.exe) && agree(other.cmdline, process.cmdline) &&
            agree(other.uid, process.uid)) {
            ids[std::get<std::int64_t>(id)] = other.id;
            return false;
        }
    }
}

bool Owners::take_cgroup(const Names& columns, Row& row, IdMap& ids) {
    const auto* kernel_id = std::get_if<std::int64_t>(&at(columns, row, "kernel_id"));
    const auto* path = std::get_if<std::string>(&at(columns, row, "path"));
    auto& id = at(columns, row, "id");
    if (kernel_id == nullptr || path == nullptr) {
        renumber(id, next_cgroup_, ids);
        return true;
    }
    const auto [known, is_new] = cgroups_.try_emplace({*kernel_id, *path}, 0);
    if (is_new)
        known->second = renumber(id, next_cgroup_, ids);
    else
        ids[std::get<std::int64_t>(id)] = known->second;
    return is_new;
}

} // namespace ctrack::query::merge
