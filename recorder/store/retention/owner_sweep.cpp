// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/owner_sweep.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>
#include <unistd.h>

#include "recorder/host/cgroup.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr std::int64_t least_erased = 2048; // fewer are not worth a sweep

std::string referring(const char* table) {
    return fmt::format("SELECT id, process_id, cgroup_id FROM {} WHERE id > ? ORDER BY id LIMIT ?",
                       table);
}

void set_mark(std::vector<bool>& marks, std::int64_t id) {
    if (id < static_cast<std::int64_t>(marks.size()))
        marks[static_cast<std::size_t>(id)] = true;
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// The rows that have no mark and whose process or cgroup is gone from the host. One that still
// lives is kept: later rows may refer to it, and its texts are read from the host only once.
template <class Lives>
std::unordered_set<std::int64_t> unused(SQLite::Statement& rows, const std::vector<bool>& marks,
                                        std::int64_t& last_id, std::int64_t& looked_at,
                                        Lives lives) {
    std::unordered_set<std::int64_t> ids;
    for (looked_at = 0; rows.executeStep(); ++looked_at) {
        last_id = rows.getColumn(0).getInt64();
        if (!marks[static_cast<std::size_t>(last_id)] && !lives(rows.getColumn(1).getString()))
            ids.insert(last_id);
    }
    rows.reset();
    return ids;
}

void erase_all(SQLite::Statement& erase, const std::unordered_set<std::int64_t>& ids) {
    for (const auto id : ids) {
        bind_all(erase, id);
        erase.exec();
    }
}

} // namespace

OwnerSweep::OwnerSweep(SQLite::Database& db, ProcessIds& process_ids, CgroupIds& cgroup_ids)
    : db_(db), process_ids_(process_ids), cgroup_ids_(cgroup_ids),
      connections_(db, referring("connections")), listeners_(db, referring("listeners")),
      processes_(
          db,
          "SELECT id, pid FROM processes WHERE id > ? AND id < ? AND id > 0 ORDER BY id LIMIT ?"),
      cgroups_(
          db,
          "SELECT id, path FROM cgroups WHERE id > ? AND id < ? AND id > 0 ORDER BY id LIMIT ?"),
      erase_process_(db, "DELETE FROM processes WHERE id = ?"),
      erase_cgroup_(db, "DELETE FROM cgroups WHERE id = ?"),
      cgroup_root_(find_cgroup2_root().value_or("")) {}

void OwnerSweep::refer(std::int64_t process_id, std::int64_t cgroup_id) {
    set_mark(process_marks_, process_id);
    set_mark(cgroup_marks_, cgroup_id);
}

void OwnerSweep::step(std::int64_t most_rows, std::int64_t erased_connections) {
    switch (phase_) {
    case Phase::idle:
        if (erased_connections - erased_at_begin_ >= std::max(least_erased, met_ / 2))
            begin(erased_connections);
        return;
    case Phase::connections: return mark(connections_, most_rows, Phase::listeners);
    case Phase::listeners: return mark(listeners_, most_rows, Phase::processes);
    case Phase::processes: return erase_processes(most_rows / 4);
    case Phase::cgroups: return erase_cgroups(most_rows / 4);
    }
}

// Only owners that have a row by now can be deleted, and never the newest, so that SQLite gives no
// id twice.
void OwnerSweep::begin(std::int64_t erased_connections) {
    const auto newest = [this](const char* sql) {
        return static_cast<std::size_t>(db_.execAndGet(sql).getInt64());
    };
    erased_at_begin_ = erased_connections;
    met_ = 0;
    process_marks_.assign(newest("SELECT max(id) FROM processes"), false);
    cgroup_marks_.assign(newest("SELECT max(id) FROM cgroups"), false);
    go_on(Phase::connections);
}

void OwnerSweep::go_on(Phase next) {
    phase_ = next;
    last_id_ = 0;
}

// refer() marks what rows that are written during the sweep refer to.
void OwnerSweep::mark(SQLite::Statement& rows, std::int64_t most_rows, Phase next) {
    bind_all(rows, last_id_, most_rows);
    std::int64_t looked_at = 0;
    for (; rows.executeStep(); ++looked_at) {
        last_id_ = rows.getColumn(0).getInt64();
        refer(rows.getColumn(1).getInt64(), rows.getColumn(2).getInt64());
    }
    rows.reset();
    met_ += looked_at;
    if (looked_at < most_rows)
        go_on(next);
}

void OwnerSweep::erase_processes(std::int64_t most_rows) {
    std::int64_t looked_at = 0;
    bind_all(processes_, last_id_, static_cast<std::int64_t>(process_marks_.size()), most_rows);
    const auto ids = unused(processes_, process_marks_, last_id_, looked_at,
                            [](const std::string& pid) { return exists("/proc/" + pid); });
    erase_all(erase_process_, ids);
    process_ids_.forget(ids);
    if (looked_at < most_rows)
        go_on(Phase::cgroups);
}

void OwnerSweep::erase_cgroups(std::int64_t most_rows) {
    std::int64_t looked_at = 0;
    bind_all(cgroups_, last_id_, static_cast<std::int64_t>(cgroup_marks_.size()), most_rows);
    const auto ids =
        unused(cgroups_, cgroup_marks_, last_id_, looked_at, [this](const std::string& path) {
            return !path.empty() && exists(cgroup_root_ + path);
        });
    erase_all(erase_cgroup_, ids);
    cgroup_ids_.forget(ids);
    if (looked_at < most_rows)
        go_on(Phase::idle);
}

} // namespace ctrack
