// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/owner_sweep.h"

#include <algorithm>
#include <array>

#include <unistd.h>

#include "recorder/host/cgroup.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr std::int64_t least_erased = 2048; // fewer are not worth a sweep

enum Phase : std::size_t { connections, listeners, processes, cgroups, between_sweeps };
constexpr std::array selects{
    "SELECT id, process_id, cgroup_id, coalesce(socket_cgroup_id, 0) FROM connections "
    "WHERE id > ? ORDER BY id LIMIT ?",
    "SELECT id, process_id, cgroup_id, 0 FROM listeners WHERE id > ? ORDER BY id LIMIT ?",
    "SELECT id, pid FROM processes WHERE id > ? ORDER BY id LIMIT ?",
    "SELECT id, path FROM cgroups WHERE id > ? ORDER BY id LIMIT ?"};

void set_mark(std::vector<bool>& marks, std::int64_t id) {
    if (id < static_cast<std::int64_t>(marks.size()))
        marks[static_cast<std::size_t>(id)] = true;
}

bool has_mark(const std::vector<bool>& marks, std::int64_t id) {
    return id >= static_cast<std::int64_t>(marks.size()) || marks[static_cast<std::size_t>(id)];
}

} // namespace

OwnerSweep::OwnerSweep(SQLite::Database& db, ProcessIds& process_ids, CgroupIds& cgroup_ids)
    : db_(db), process_ids_(process_ids), cgroup_ids_(cgroup_ids),
      erase_process_(db, "DELETE FROM processes WHERE id = ?"),
      erase_cgroup_(db, "DELETE FROM cgroups WHERE id = ?"),
      cgroup_root_(find_cgroup2_root().value_or("")), phase_(between_sweeps) {
    for (const char* select : selects)
        phases_.emplace_back(db, select);
}

void OwnerSweep::refer(std::int64_t process_id, std::int64_t cgroup_id) {
    set_mark(process_marks_, process_id);
    set_mark(cgroup_marks_, cgroup_id);
}

// Only owners that have a row by now can be deleted, and never the newest, so that SQLite gives no
// id twice: what has no bit counts as marked.
void OwnerSweep::begin(std::int64_t erased_connections) {
    const auto newest = [this](const char* sql) {
        return static_cast<std::size_t>(db_.execAndGet(sql).getInt64());
    };
    erased_at_begin_ = erased_connections;
    met_ = 0;
    process_marks_.assign(newest("SELECT max(id) FROM processes"), false);
    cgroup_marks_.assign(newest("SELECT max(id) FROM cgroups"), false);
    phase_ = connections;
}

void OwnerSweep::step(std::int64_t most_rows, std::int64_t erased_connections) {
    if (phase_ == between_sweeps) {
        if (erased_connections - erased_at_begin_ >= std::max(least_erased, met_ / 2))
            begin(erased_connections);
        return;
    }
    if (phase_ >= processes) // for each of these the host is asked
        most_rows /= 4;
    SQLite::Statement& rows = phases_[phase_];
    bind_all(rows, last_id_, most_rows);
    std::int64_t looked_at = 0;
    for (; rows.executeStep(); ++looked_at)
        look_at_row(rows);
    rows.reset();
    if (looked_at == most_rows)
        return;
    ++phase_;
    last_id_ = 0;
}

// refer() marks what rows that are written during the sweep refer to. An owner that still lives is
// kept: later rows may refer to it, and its texts are read from the host only once.
void OwnerSweep::look_at_row(SQLite::Statement& row) {
    last_id_ = row.getColumn(0).getInt64();
    if (phase_ < processes) {
        ++met_;
        refer(row.getColumn(1).getInt64(), row.getColumn(2).getInt64());
        set_mark(cgroup_marks_, row.getColumn(3).getInt64());
        return;
    }
    const bool is_process = phase_ == processes;
    if (has_mark(is_process ? process_marks_ : cgroup_marks_, last_id_) ||
        lives(row.getColumn(1).getString()))
        return;
    SQLite::Statement& erase = is_process ? erase_process_ : erase_cgroup_;
    bind_all(erase, last_id_);
    erase.exec();
    is_process ? process_ids_.forget() : cgroup_ids_.forget();
}

// name: the pid of a process, or the path of a cgroup, which may not be known.
bool OwnerSweep::lives(const std::string& name) const {
    if (phase_ == processes)
        return access(("/proc/" + name).c_str(), F_OK) == 0;
    return !name.empty() && access((cgroup_root_ + name).c_str(), F_OK) == 0;
}

} // namespace ctrack
