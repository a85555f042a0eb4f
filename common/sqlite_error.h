// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <sqlite3.h>

#include "common/error.h"

namespace ctrack {

/// Throws what an error code of SQLite means to a user, with this message: StorageError where
/// the disk is full, fails or must not be written, DamagedFile where the file is no sound
/// database, else Error.
[[noreturn]] inline void throw_error(int sqlite_code, const std::string& message) {
    switch (sqlite_code) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN: throw StorageError(message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: throw DamagedFile(message);
    default: throw Error(message);
    }
}

} // namespace ctrack
