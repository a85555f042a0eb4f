// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/rows/owner_ids.h"

#include "common/stored_text.h"
#include "recorder/host/cgroup.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr std::size_t max_ids = 65'536;

constexpr const char* upsert_process = R"sql(
INSERT INTO processes
  (pid, start_boottime_ns, started_us, exec_id, comm, exe, cmdline, uid, parent_pid)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (pid, start_boottime_ns, exec_id, comm) DO UPDATE SET
  exe = coalesce(exe, excluded.exe),
  cmdline = coalesce(cmdline, excluded.cmdline),
  uid = coalesce(uid, excluded.uid),
  parent_pid = coalesce(parent_pid, excluded.parent_pid)
RETURNING id)sql";

constexpr const char* find_cgroup = R"sql(
SELECT id FROM cgroups WHERE kernel_id = ?1 AND (path = ?2 OR ?2 IS NULL)
ORDER BY id DESC LIMIT 1)sql";
constexpr const char* insert_cgroup = R"sql(
INSERT INTO cgroups
  (kernel_id, path, container_id, systemd_unit, systemd_slice, systemd_user_unit)
VALUES (?, ?, ?, ?, ?, ?)
RETURNING id)sql";

std::optional<std::string> not_empty(std::string text) {
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

std::optional<std::string> stored(const std::optional<std::string>& text) {
    return text ? std::optional(stored_text(*text)) : std::nullopt;
}

// Runs a statement whose result is one row with an id, or no row.
std::optional<std::int64_t> id_from(SQLite::Statement& statement) {
    std::optional<std::int64_t> id;
    if (statement.executeStep())
        id = statement.getColumn(0).getInt64();
    statement.reset();
    return id;
}

} // namespace

ProcessIds::ProcessIds(SQLite::Database& db, std::int64_t clock_offset_us)
    : upsert_(db, upsert_process), clock_offset_us_(clock_offset_us) {}

std::int64_t ProcessIds::write(const ProcessRow& process) {
    const ctrack_owner& owner = process.owner;
    const auto start_ns = static_cast<std::int64_t>(owner.start_boottime_ns);
    bind_all(upsert_, owner.pid, start_ns, start_ns / 1000 + clock_offset_us_, owner.exec_id,
             stored_name(owner.comm), stored(process.exe), stored(process.cmdline), process.uid,
             process.parent_pid);
    if (ids_.size() >= max_ids)
        ids_.clear();
    return ids_[owner] = id_from(upsert_).value();
}

std::int64_t ProcessIds::id_of(const ctrack_owner& owner) {
    if (owner.pid == 0)
        return 0;
    const auto known = ids_.find(owner);
    return known != ids_.end() ? known->second : write({owner, {}, {}, {}, {}});
}

CgroupIds::CgroupIds(SQLite::Database& db) : find_(db, find_cgroup), insert_(db, insert_cgroup) {}

std::int64_t CgroupIds::write(const CgroupRow& cgroup) {
    const auto kernel_id = static_cast<std::int64_t>(cgroup.kernel_id);
    const auto path = stored(cgroup.path);
    bind_all(find_, kernel_id, path);
    auto id = id_from(find_);
    if (!id) {
        const Place place = place_of(path.value_or(""));
        bind_all(insert_, kernel_id, path, not_empty(place.container_id),
                 not_empty(place.systemd_unit), not_empty(place.systemd_slice),
                 not_empty(place.systemd_user_unit));
        id = id_from(insert_);
    }
    if (ids_.size() >= max_ids)
        ids_.clear();
    return ids_[cgroup.kernel_id] = id.value();
}

std::int64_t CgroupIds::id_of(std::uint64_t kernel_id) {
    if (kernel_id == 0)
        return 0;
    const auto known = ids_.find(kernel_id);
    return known != ids_.end() ? known->second : write({kernel_id, {}});
}

} // namespace ctrack
