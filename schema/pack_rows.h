// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include <SQLiteCpp/Database.h>

namespace ctrack::schema {

/// Until schema 8 a table, since then a view of packed rows.
struct PackedTable {
    const char* older;  ///< name of that table
    const char* packed; ///< name of the table that has the rows since
    const char* select; ///< its rows, made of the older ones
};

/// The first schema that has packed rows.
inline constexpr int packed_since = 9;

/// Whether a file of this schema may have rows to be packed; 0: a new one.
inline constexpr bool is_unpacked(int schema) { return schema > 0 && schema < packed_since; }

inline constexpr std::array packed_tables{
    PackedTable{"events", "packed_events",
                "SELECT id, connection_id, "
                "CAST(time_us - 1900000000000000 AS INTEGER) AS since_2030_us, "
                "kind * 256 + old_state * 16 + new_state AS kind_states, value FROM main.events"},
    PackedTable{"rtt_samples", "packed_rtt_samples",
                "SELECT id, connection_id, "
                "CAST(time_us - 1900000000000000 AS INTEGER) AS since_2030_us, "
                "CAST(iif(state = 1, rtt_us, -(rtt_us * 16 + state)) AS INTEGER) AS rtt_state, "
                "CAST(srtt_us - rtt_us AS INTEGER) AS srtt_less_rtt_us FROM main.rtt_samples"}};

/// Moves the rows of a file of schema 8 or less to where the migration to schema 9 would put
/// them, step by step: so that the file does not grow by a copy of nearly all it holds. A damaged
/// number of more than 63 bits becomes the nearest there is.
void pack_rows(SQLite::Database& db);

} // namespace ctrack::schema
