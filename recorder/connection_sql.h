// SPDX-License-Identifier: Apache-2.0
//
// A ConnectionRow or ListenerRow as a row of the SQL table connections or listeners.
#pragma once

#include <cstdint>

#include <SQLiteCpp/Statement.h>

#include "recorder/batch.h"

namespace ctrack {

/// Each writes a whole row; an earlier one of the same id is replaced.
extern const char* const replace_connection;
extern const char* const replace_listener;

void bind_connection(SQLite::Statement& statement, const ConnectionRow& row,
                     std::int64_t recording_id, std::int64_t process_id, std::int64_t cgroup_id);

void bind_listener(SQLite::Statement& statement, const ListenerRow& row, std::int64_t recording_id,
                   std::int64_t process_id, std::int64_t cgroup_id);

/// Bytes as in ctrack_summary -> text; IPv4-mapped addresses as IPv4.
std::string address_text(const unsigned char (&address)[16]);

} // namespace ctrack
