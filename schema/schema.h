// SPDX-License-Identifier: Apache-2.0
//
// A ctrack file is an SQLite database with our application_id, a user_version and the tables
// of schema.sql. Both programs open, make and bring up to date each file here and nowhere else.
#pragma once

#include <cstdint>
#include <string>

#include <SQLiteCpp/Database.h>

#include "common/error.h"
#include "schema/migrate.h"

namespace ctrack::schema {

/// PRAGMA application_id of a ctrack file: "ctrk".
inline constexpr std::int32_t application_id = 0x6374726b;

/// A new file in memory: it has the tables, and no row that a recorder would write.
SQLite::Database empty();

/// Opens a ctrack file for writing. Makes it where there is none, and applies the missing
/// migrations in one transaction. Throws Error, and leaves the file as it is, if it is no ctrack
/// file, of an unreleased format, or from a newer ctrack. One thread at a time may use it.
SQLite::Database open_for_writing(const std::string& path,
                                  Migrations migrations = our_migrations());

/// Opens a ctrack file read-only; nothing is written to it. Throws Error if it cannot be
/// read, is no ctrack file, or has another version than the newest.
SQLite::Database open_for_reading(const std::string& path,
                                  Migrations migrations = our_migrations());

/// Attaches a ctrack file under that name to one that is open for reading, and throws as
/// open_for_reading does.
void attach_for_reading(SQLite::Database& db, const std::string& path, const std::string& name);

/// Whether a log is beside a file, and whether the file would have one. A file that a recorder
/// writes is in WAL mode and always has a log. In WAL mode without a log are a backup that SQLite
/// has made and a file whose last user has put the log into it, which both are whole; and a copy
/// without its log, which nothing in the file can tell from these.
enum class Log { none_needed, there, not_there };
Log log_of(const std::string& path);

/// SQLite would take a lock for each allocation to count its memory, a tenth of the recorder's
/// CPU. Has no effect once SQLite is in use.
void spare_memory_statistics();

} // namespace ctrack::schema
