// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <SQLiteCpp/Database.h>

namespace ctrack {

/// Moves the write-ahead log into the file, on a thread and a connection of its
/// own: the fsyncs of a checkpoint then never hold up the writer, and so the
/// rings. It waits for nobody.
class Checkpointer {
public:
    /// most_log_pages: from that size on it also makes the log begin anew, which a passive
    /// checkpoint leaves to a writer that comes when all of it is in the file. 0: never.
    Checkpointer(const std::string& path, int most_log_pages);
    ~Checkpointer(); ///< waits for a checkpoint under way

    /// Tells how many pages the log has; may be called from any thread.
    void log_grew(int pages);

    /// Waits until the log has no more than most_log_pages. False if it had more to the end:
    /// somebody reads in it.
    bool wait_for_log(std::chrono::milliseconds patience);

private:
    void run(const std::stop_token& stop);
    int checkpoint(int mode);
    bool log_is_long() const { return most_log_pages_ && log_pages_ > most_log_pages_; }
    void begin_log_anew(std::unique_lock<std::mutex>& lock);

    SQLite::Database db_;
    std::mutex mutex_;
    std::condition_variable_any wakeup_;
    const int most_log_pages_;
    bool due_ = false;          ///< this and what follows is guarded by mutex_
    int log_pages_ = 0;         ///< at most
    std::uint64_t commits_ = 0; ///< told
    std::jthread thread_;
};

} // namespace ctrack
