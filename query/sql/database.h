// SPDX-License-Identifier: Apache-2.0
//
// The file that is read, or several of them. Every function throws ctrack::Error, whose text is
// one line for the user, if a file cannot be used or SQLite fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include "common/error.h"
#include "query/filter/condition.h"
#include "query/render/renderer.h"
#include "query/sql/access.h"
#include "query/sql/attach.h"
#include "query/sql/bounds.h"
#include "query/sql/parameters.h"
#include "query/sql/query.h"
#include "query/sql/statement.h"
#include "query/sql/views.h"

namespace ctrack::query {

/// The names of tables and views.
using TableNames = std::set<std::string, std::less<>>;

class Watch;

/// A statement went beyond the bounds of bounds.h.
struct TooMuch : Error {
    using Error::Error;
};

/// What of the files is looked at.
struct Scope {
    Window window;
    std::int64_t connections_from_us; ///< no connection that ended before is read
    std::int64_t newest_rows = -1;    ///< at most so many rows will be shown; -1: all
    bool counts_moved = false;        ///< bytes_*_in_window are what moved in it, and not all bytes
};

class Database {
public:
    /// Opens the file and sees it as it is now, whatever a recorder commits later. The filter
    /// decides what the views chosen_* hold.
    explicit Database(const std::string& path,
                      const std::optional<filter::Condition>& filter = std::nullopt)
        : Database(std::vector{path}, filter) {}

    /// Opens several files as if they were one; attach.h says how.
    explicit Database(const std::vector<std::string>& paths,
                      const std::optional<filter::Condition>& filter = std::nullopt);

    /// From the first to the last moment recorded, both included; nothing if there is no recording.
    std::optional<Window> recorded();

    /// Whether a recorder writes to a file now.
    bool is_running();

    /// Whether a file holds a part of a recording, cut out by a window. What its connections did
    /// before and after belongs to no answer.
    bool is_part();

    /// From now on the views chosen_* hold what is of this window. `read` are the tables that will
    /// be read, because some are filled only for those who read them.
    void set_scope(const Scope& scope, const TableNames& read);

    /// How many files are read.
    std::size_t files() const { return files_; }

    /// What the file of that number, counted from 0, holds beside what ctrack makes, as "table
    /// notes". No report reads that.
    std::vector<std::string> foreign(std::size_t file);

    /// What is prepared next is a user's own SQL, which finds the user's own tables and columns.
    void expect_users_sql();

    /// Runs the function without the bounds of bounds.h, for a user's own SQL.
    void without_bounds(const std::function<void()>& function);

    /// How many hosts were recorded.
    std::size_t hosts();

    /// Makes the views that the SQL names. prepare() does so too, but then a statement that is
    /// compiled already must be compiled again.
    void make_views(std::string_view sql);

    /// Whether a statement that was prepared asks for bytes_*_in_window.
    bool names_moved() const { return names_moved_; }

    /// Compiles one statement, which may only read. `read`: the tables and views that it reads
    /// are added here, including those that are behind a view.
    Statement prepare(const std::string& sql, TableNames* read = nullptr);

    /// Runs a statement and hands its rows to the renderer. Returns how many there were. Throws
    /// Interrupted after Ctrl-C.
    std::int64_t run(Statement& statement, const Layout& layout, const Parameters& parameters,
                     Renderer& renderer);
    std::int64_t run(const Query& query, const Parameters& parameters, Renderer& renderer);

    /// How many rows one statement has, which may end in a semicolon; nothing if it takes longer
    /// than the patience. From now on newest_events has all events.
    std::optional<std::int64_t> count_rows(const std::string& sql, const Parameters& parameters,
                                           std::chrono::milliseconds patience);

    /// Adds an SQL function, as NAME(id) is. Of NULL it is NULL. It must not throw.
    void add_function(const char* name, std::function<std::int64_t(std::int64_t)> function);

    /// Makes an empty TEMP table, whose columns take any value.
    void make_table(const std::string& name, const std::vector<std::string>& columns);

    /// The TEMP table holds the result of the statement from now on, and nothing else.
    void fill_table(const std::string& name, const std::string& sql, const Parameters& parameters);

private:
    void impose(const Bounds& bounds);

    /// Runs the function under a Watch, which is handed to it. Throws Interrupted, or Error if
    /// SQLite fails or must do more than the bounds allow.
    template <typename Function> auto watched(Function&& function);

    /// Runs one statement, which may write to TEMP tables.
    void write(const std::string& sql, const Parameters& parameters);

    std::string path_;
    bool is_filtered_;
    std::size_t files_;
    OpenedFiles opened_;
    SQLite::Database& db_; // is that of opened_
    Bounds bounds_;
    Access access_;
    SQLite::Transaction snapshot_; // stands behind db_, so that it ends before db_ is closed
    Views views_;
    bool names_moved_ = false;
};

} // namespace ctrack::query
