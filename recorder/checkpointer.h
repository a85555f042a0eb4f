// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <SQLiteCpp/Database.h>

namespace ctrack {

/// Moves the write-ahead log into the file, on a thread and a connection of its
/// own: the fsyncs of a checkpoint then never hold up the writer, and so the
/// rings. A passive checkpoint waits for nobody.
class Checkpointer {
public:
    explicit Checkpointer(const std::string& path);
    ~Checkpointer(); ///< waits for a checkpoint under way

    /// Tells how many pages the log has; may be called from any thread.
    void log_grew(int pages);

private:
    void run(const std::stop_token& stop);

    SQLite::Database db_;
    std::mutex mutex_;
    std::condition_variable_any wakeup_;
    bool due_ = false; ///< guarded by mutex_
    std::jthread thread_;
};

} // namespace ctrack
