// SPDX-License-Identifier: Apache-2.0
#include "query/sql/access.h"

#include <string_view>
#include <utility>

namespace ctrack::query {

namespace {

bool only_reads(int action, std::string_view table) {
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
    case SQLITE_PRAGMA: // a pragma that writes fails later, because the file is opened read-only
    case SQLITE_TRANSACTION: // ends the transaction in which everything is read
        return true;
    case SQLITE_UPDATE: // SQLite asks so when a table-valued function is used for the first time
        return table == "sqlite_master";
    default: return false;
    }
}

} // namespace

Access::Access(sqlite3* db) { sqlite3_set_authorizer(db, decide, this); }

void Access::let_write(const std::function<void()>& function) {
    const bool before = std::exchange(may_write_, true);
    try {
        function();
    } catch (...) {
        may_write_ = before;
        throw;
    }
    may_write_ = before;
}

int Access::decide(void* self, int action, const char* table, const char*, const char*,
                   const char* view) {
    auto& access = *static_cast<Access*>(self);
    if (action == SQLITE_READ)
        access.note(table);
    if (view != nullptr) // a view of which no column is used has no SQLITE_READ of its own
        access.note(view);
    return access.may_write_ || only_reads(action, table == nullptr ? "" : table) ? SQLITE_OK
                                                                                  : SQLITE_DENY;
}

void Access::note(const char* table) {
    if (!tables_.contains(std::string_view(table)))
        tables_.emplace(table);
}

} // namespace ctrack::query
