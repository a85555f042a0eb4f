// SPDX-License-Identifier: Apache-2.0
//
// The file being read. Every function throws ctrack::Error, one line for the user,
// if the file cannot be used or SQLite fails.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include "query/filter/ast.h"
#include "query/render/renderer.h"
#include "query/sql/query.h"

namespace ctrack::query {

/// A window in time [begin_us, end_us), microseconds since the epoch.
struct Window {
    std::int64_t begin_us;
    std::int64_t end_us;
};

/// What the SQL of a report may ask for by name: :begin_us, :end_us, :limit, :argument,
/// :interval_us (NULL: as it likes), :after_id and, 1 or 0, :is_filtered and
/// :roll_up.
struct Parameters {
    Window window;
    std::int64_t limit;                                 ///< -1: no limit
    std::optional<std::string> argument = std::nullopt; ///< of a report that takes one
    std::optional<std::int64_t> interval_us = std::nullopt;
    std::int64_t after_id = 0;               ///< only what has a higher id
    std::map<std::string, Value> named = {}; ///< others, as ":name"
    /// All is asked for: sums of traffic will do, connections need not be read.
    bool roll_up = false;
};

struct Loss {
    std::int64_t count;
    std::string what; ///< singular
    std::string cause;
};

/// Of what was deleted to keep the file within its limits.
struct Kept {
    std::string what; ///< plural
    std::int64_t from_us;
};

class Database {
public:
    /// From here on the file is seen as it is now, whatever a recorder commits. The
    /// filter decides what the views chosen_* hold (sql/filtered.sql).
    explicit Database(const std::string& path,
                      const std::optional<filter::Expression>& filter = std::nullopt)
        : Database(std::vector{path}, filter) {}

    /// The same of several files, as if they were one: attach.h says how.
    explicit Database(const std::vector<std::string>& paths,
                      const std::optional<filter::Expression>& filter = std::nullopt);

    /// End of what was recorded; nothing if there is no recording.
    std::optional<std::int64_t> recorded_until_us();

    /// Runs of the recorder that several of the files hold: host and start.
    std::vector<std::pair<std::string, std::int64_t>> doubled();

    /// From the first to the last moment recorded; nothing if there is no recording.
    std::optional<Window> recorded();

    /// What was lost in the window, one entry per cause.
    std::vector<Loss> losses(const Window& window);

    /// What is no longer there of the window, one entry per kind.
    std::vector<Kept> kept(const Parameters& parameters);

    /// The views *_about_* are those of this window from now on, for what the query reads.
    void choose(const Window& window, const Query& query);

    /// Whether the statement has a parameter of that name, as ":limit".
    bool takes(const Query& query, const char* parameter);

    /// Whether a recorder that has not said otherwise is still at work.
    bool is_running();

    /// The tables and views that it reads, also those behind a view.
    std::set<std::string> tables_of(const Query& query);

    /// The SQL names of the columns of its result.
    std::vector<std::string> columns_of(const Query& query);

    /// Runs one statement, which may only read, and hands its rows to the renderer.
    /// Returns how many there were. Throws Interrupted after Ctrl-C.
    std::int64_t run(const Query& query, const Parameters& parameters, Renderer& renderer);

    /// Makes a TEMP table of what a subquery gives.
    void keep(std::string_view table, const std::string& subquery, const Parameters& parameters);

private:
    /// Lets the function write to TEMP tables.
    void change(const std::function<void()>& function);

    std::string path_;
    bool is_filtered_;
    bool are_several_;
    SQLite::Database db_;
    SQLite::Transaction snapshot_; // after db_: ended before it is closed
};

} // namespace ctrack::query
