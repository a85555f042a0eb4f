// SPDX-License-Identifier: Apache-2.0
//
// Writes a ListenerRow as a row of the SQL table listeners.
#pragma once

#include <cstdint>

#include <SQLiteCpp/Statement.h>

#include "recorder/fold/batch.h"

namespace ctrack {

/// The SQL that writes a whole row, which replaces an earlier row of the same id.
extern const char* const replace_listener;

void bind_listener(SQLite::Statement& statement, const ListenerRow& row, std::int64_t recording_id,
                   std::int64_t process_id, std::int64_t cgroup_id);

} // namespace ctrack
