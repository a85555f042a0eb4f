// SPDX-License-Identifier: Apache-2.0
//
// The versions of a ctrack file (PRAGMA user_version), and how an older one becomes the newest.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>

#include "common/embedded_sql.h"

namespace ctrack::schema {

/// Entry N makes a file of version N + 1 of one of version N; entry 0 fills an empty file.
using Migrations = std::span<const EmbeddedSql>;

/// The migrations of this program. Their number is the newest version.
Migrations our_migrations();

/// The text of a CREATE statement, or of several, as a plain file has it: without STRICT, which
/// programs with an SQLite older than 3.37 take for a damaged file.
std::string plain(std::string_view sql);

/// The same migrations, which make a plain file.
Migrations plain_migrations();

/// Throws Error, one line that says why, unless the file has the version that these
/// migrations end with. `name` is what the connection calls it.
void require_newest(SQLite::Database& db, const std::string& path, Migrations migrations,
                    const std::string& name = "main");

/// Brings a file, which may be empty, to the newest version in one transaction. Throws Error, and
/// leaves the file as it is, if it is no ctrack file, of an unreleased format or of a newer
/// version.
void migrate(SQLite::Database& db, const std::string& path, Migrations migrations);

} // namespace ctrack::schema
