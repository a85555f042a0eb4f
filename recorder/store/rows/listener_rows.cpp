// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/rows/listener_rows.h"

#include <string>

#include "recorder/fold/address_text.h"
#include "recorder/fold/names.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

const char* const replace_listener = R"sql(
REPLACE INTO listeners (
  id, recording_id, cookie, family, local_address, local_port, netns, process_id, pid_source,
  cgroup_id, uid, start_kind, opened_us, closed_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

void bind_listener(SQLite::Statement& statement, const ListenerRow& row, std::int64_t recording_id,
                   std::int64_t process_id, std::int64_t cgroup_id) {
    const ctrack_summary& s = row.summary;
    bind_all(statement, row.id, recording_id, static_cast<std::int64_t>(s.event.cookie),
             is_ipv4(s.local_address) ? 4 : 6, std::string(AddressText().of(s.local_address)),
             int{s.local_port}, s.netns, process_id, pid_source_name(s.pid_source), cgroup_id,
             s.uid, name_of(row.start_kind), row.opened_us, row.closed_us);
}

} // namespace ctrack
