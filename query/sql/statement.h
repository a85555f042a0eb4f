// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "query/base/value.h"

namespace ctrack::query {

/// One statement of SQL, compiled once: which parameters it takes and which columns its result
/// has can be asked before it runs. Where SQLite fails it throws SQLite::Exception.
class Statement {
public:
    /// Throws Error if the text is not exactly one statement.
    Statement(sqlite3* db, const std::string& sql);

    /// Whether it has a parameter of that name, as ":limit".
    bool takes(const std::string& parameter) const;

    /// The SQL names of the columns of its result.
    const std::vector<std::string>& columns() const { return columns_; }

    /// Makes it run from its beginning with these values. Throws Error if it has a parameter
    /// that is not among them.
    void start(const std::map<std::string, Value>& values);

    /// Goes to the next row of the result, and says whether there is one.
    bool step();

    Row row() const;

    /// How often SQLite has compiled it: more than once if tables changed afterwards.
    int compiles() const;

private:
    void check(int result) const;
    Value value(int column) const;

    sqlite3* db_;
    std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_;
    std::vector<std::string> columns_;
};

} // namespace ctrack::query
