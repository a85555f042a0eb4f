// SPDX-License-Identifier: Apache-2.0
//
// A ctrack file that is written whole or not at all: it grows under another name in the
// same folder, and gets its own when all of it is on the disk. Whatever ends the program
// before, nothing is at its path that was not there; SIGKILL leaves the other name behind
// (.NAME.XXXXXX). While it is written SIGINT and its like wait.
#pragma once

#include <optional>
#include <string>

#include <SQLiteCpp/Database.h>

#include "query/signals/held_signals.h"

namespace ctrack::query {

class NewFile {
public:
    /// Throws Error if there is something at the path and it is not to be replaced, or if
    /// it cannot be written.
    NewFile(const std::string& path, bool replace);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    /// Empty, with the newest schema, in a transaction. References are not checked.
    SQLite::Database& database() { return *db_; }

    /// From here on it is at its path.
    void keep();

private:
    void open();
    void remove_temporary();
    void rename() const;

    HeldSignals signals_; // first: the file is gone before they act
    std::string path_, temporary_path_;
    bool replace_;
    std::optional<SQLite::Database> db_;
};

/// Throws UsageError if a file to be written is one of those being read.
void require_different(const std::string& written, const std::string& read);

} // namespace ctrack::query
