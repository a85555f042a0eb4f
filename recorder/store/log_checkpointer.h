// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <SQLiteCpp/Database.h>

namespace ctrack {

/// Moves the write-ahead log into the file, on a thread and a connection to the database of its
/// own. So the fsyncs of a checkpoint never hold up the writer, which would let the rings fill up.
/// A checkpoint does not wait for readers.
class LogCheckpointer {
public:
    /// A log of more than most_log_pages is also made to begin anew, which a passive checkpoint
    /// leaves to the next writer. 0: never. What has been in the log for longest_wait goes into the
    /// file, so that a copy that somebody makes of the file alone lacks no more than that.
    LogCheckpointer(const std::string& path, int most_log_pages,
                    std::chrono::milliseconds longest_wait = std::chrono::minutes(1));
    ~LogCheckpointer(); ///< waits for a checkpoint that is under way

    /// Sets another bound, as in the constructor.
    void set_most_log_pages(int pages);

    /// Tells how many pages the log has; may be called from any thread.
    void log_grew(int pages);

    /// Waits until the log has no more than most_log_pages. Returns false if the time is over
    /// first, because somebody reads the log.
    bool wait_for_log(std::chrono::milliseconds patience);

private:
    void run(const std::stop_token& stop);
    int checkpoint(int mode);
    bool log_is_long() const { return most_log_pages_ && log_pages_ > most_log_pages_; }
    void begin_log_anew(std::unique_lock<std::mutex>& lock);

    SQLite::Database db_;
    std::mutex mutex_;
    std::condition_variable_any wakeup_;
    const std::chrono::milliseconds longest_wait_;
    int most_log_pages_; ///< mutex_ guards this and the next four
    bool due_ = false;
    std::chrono::steady_clock::time_point began_; ///< the last checkpoint
    int log_pages_ = 0;                           ///< an upper bound
    std::uint64_t commits_ = 0;                   ///< how many log_grew() has told
    std::jthread thread_;
};

} // namespace ctrack
