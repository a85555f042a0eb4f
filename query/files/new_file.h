// SPDX-License-Identifier: Apache-2.0
//
// A ctrack file that is written whole or not at all. It grows under another name in the same
// folder, and gets its own name when all of it is on the disk. Whatever ends the program before
// that, nothing new stands at its path; only SIGKILL leaves the file of the other name
// (.NAME.XXXXXX) behind. SIGINT and similar signals wait while the file is written.
#pragma once

#include <optional>
#include <string>

#include <SQLiteCpp/Database.h>

#include "query/files/readers.h"
#include "query/sql/held_signals.h"
#include "schema/migrate.h"

namespace ctrack::query {

class NewFile {
public:
    /// Throws Error if something stands at the path and must not be replaced, or if the file
    /// cannot be written. Who may read it is said by `readers`; until it is whole, only its owner.
    /// The migrations make its tables.
    NewFile(const std::string& path, bool replace, const Readers& readers,
            schema::Migrations migrations = schema::our_migrations());
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    /// The new database. It is empty, has the newest schema, and is in a transaction. It does not
    /// check references, because rows come in any order.
    SQLite::Database& database() { return *db_; }

    /// Puts the finished file at its path.
    void keep();

private:
    void open(schema::Migrations migrations);
    void remove_temporary();
    void finish() const;
    void rename() const;

    HeldSignals signals_; // stands first, so that signals act after the unfinished file is removed
    std::string path_, temporary_path_;
    bool replace_;
    Readers readers_;
    std::optional<SQLite::Database> db_;
};

/// Throws UsageError if the file that is written is the file that is read.
void require_different(const std::string& written, const std::string& read);

} // namespace ctrack::query
