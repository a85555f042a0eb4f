// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>

#include <sqlite3.h>

namespace ctrack::query {

/// Decides what the statements of a connection may do, and notes which tables they read. SQLite
/// asks it while it compiles a statement. It must live as long as the connection, because
/// setting another authorizer would make SQLite compile each statement again.
class Access {
public:
    explicit Access(sqlite3* db);
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;

    /// From now on a statement that writes is refused with SQLITE_AUTH when it is compiled, even if
    /// it writes to TEMP tables only, which can be written although the file is opened read-only.
    void only_read() { may_write_ = false; }

    /// Runs the function, whose statements may write.
    void let_write(const std::function<void()>& function);

    /// The tables and views, including those behind a view, that are read by the statements
    /// compiled since the last call.
    std::set<std::string, std::less<>> take_tables() { return std::exchange(tables_, {}); }

private:
    static int decide(void* access, int action, const char* table, const char*, const char*,
                      const char* view);
    void note(const char* table);

    bool may_write_ = true;
    std::set<std::string, std::less<>> tables_;
};

} // namespace ctrack::query
