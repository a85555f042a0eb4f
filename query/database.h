// SPDX-License-Identifier: Apache-2.0
//
// The file being read. Every function throws ctrack::Error, one line for the user,
// if the file cannot be used or SQLite fails.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include "query/render/renderer.h"
#include "query/report.h"

namespace ctrack::query {

/// A window in time [begin_us, end_us), microseconds since the epoch.
struct Window {
    std::int64_t begin_us;
    std::int64_t end_us;
};

/// What the SQL of a report may ask for by name: :begin_us, :end_us, :limit, :roll_up.
struct Parameters {
    Window window;
    std::int64_t limit; ///< -1: no limit
    bool roll_up =
        false; ///< all is asked for: sums of traffic will do, connections need not be read
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
    /// From here on the file is seen as it is now, whatever a recorder commits.
    explicit Database(const std::string& path);

    /// End of what was recorded; nothing if there is no recording.
    std::optional<std::int64_t> recorded_until_us();

    /// What was lost in the window, one entry per cause.
    std::vector<Loss> losses(const Window& window);

    /// What is no longer there of the window, one entry per kind.
    std::vector<Kept> kept(const Parameters& parameters);

    /// The views connections_about_* are those of this window from now on.
    void choose(const Window& window);

    /// Whether the statement has a parameter of that name, as ":limit".
    bool takes(const Query& query, const char* parameter);

    /// Runs one statement, which may only read, and hands its rows to the renderer.
    void run(const Query& query, const Parameters& parameters, Renderer& renderer);

private:
    std::string path_;
    SQLite::Database db_;
    SQLite::Transaction snapshot_; // after db_: ended before it is closed
};

} // namespace ctrack::query
