// SPDX-License-Identifier: Apache-2.0
//
// What makes a file a ctrack file: application_id, user_version and the tables
// of schema/migrations. The only place where one is opened, made or brought up
// to date; both programs come through here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>

#include "common/error.h"

namespace ctrack::schema {

/// PRAGMA application_id of a ctrack file: "ctrk".
inline constexpr std::int32_t application_id = 0x6374726b;

/// The newest schema number (PRAGMA user_version): how many migrations there are.
int newest_version();

/// The text of a migration, as "0001_initial".
std::string migration(std::string_view name);

/// A file of that version without any row of its own, in memory.
SQLite::Database empty(int version);

/// Thrown for a file that cannot be used.
using ctrack::Error;

/// Opens a ctrack file for writing, making it where there is none and applying
/// missing migrations in one transaction. Leaves it untouched and throws Error
/// if it is no ctrack file or from a newer ctrack. One thread at a time may use it.
SQLite::Database open_for_writing(const std::string& path);

/// Opens a ctrack file read-only; nothing is written to it. One of an older version shows
/// as one of the newest, with TEMP views before its tables. Throws Error if it cannot be
/// read, is no ctrack file, or is from a newer version.
SQLite::Database open_for_reading(const std::string& path);

/// Counting its memory would cost SQLite a lock for each allocation, a tenth of the recorder's
/// CPU. Of no effect once SQLite is in use.
void spare_memory_statistics();

} // namespace ctrack::schema
