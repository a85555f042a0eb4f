// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/log_checkpointer.h"

#include <sqlite3.h>

#include "common/start_thread.h"
#include "recorder/privileges/capabilities.h"

namespace ctrack {

namespace {

constexpr int pages_worth_a_checkpoint = 1000; // 8 MiB; SQLite's own default

} // namespace

LogCheckpointer::LogCheckpointer(const std::string& path, int most_log_pages,
                                 std::chrono::milliseconds longest_wait)
    : db_(path, SQLite::OPEN_READWRITE), longest_wait_(longest_wait),
      most_log_pages_(most_log_pages), began_(std::chrono::steady_clock::now()) {
    // A connection to the database that has not read anything yet does not know of the log, and
    // its checkpoints quietly do nothing.
    db_.execAndGet("SELECT count(*) FROM recordings");
    thread_ = start_thread([this](const std::stop_token& stop) {
        keep_capabilities({}); // it only writes to files that are open
        run(stop);
    });
}

LogCheckpointer::~LogCheckpointer() = default;

void LogCheckpointer::set_most_log_pages(int pages) {
    const std::lock_guard lock(mutex_);
    most_log_pages_ = pages;
}

void LogCheckpointer::log_grew(int pages) {
    const std::lock_guard lock(mutex_);
    log_pages_ = pages;
    ++commits_;
    const auto now = std::chrono::steady_clock::now();
    if (pages < pages_worth_a_checkpoint && now - began_ < longest_wait_)
        return;
    began_ = now;
    due_ = true;
    wakeup_.notify_all();
}

bool LogCheckpointer::wait_for_log(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    due_ = due_ || log_is_long();
    wakeup_.notify_all();
    return wakeup_.wait_for(lock, patience, [this] { return !log_is_long(); });
}

int LogCheckpointer::checkpoint(int mode) {
    return sqlite3_wal_checkpoint_v2(db_.getHandle(), nullptr, mode, nullptr, nullptr);
}

// The checkpoint fails at once while a reader uses the log or the writer is in a transaction. If
// a commit came between the end of the checkpoint and our lock, log_grew() has told the true size.
void LogCheckpointer::begin_log_anew(std::unique_lock<std::mutex>& lock) {
    const auto commits = commits_;
    lock.unlock();
    const bool done = checkpoint(SQLITE_CHECKPOINT_RESTART) == SQLITE_OK;
    lock.lock();
    if (done && commits == commits_)
        log_pages_ = 0;
    wakeup_.notify_all();
}

// A checkpoint that fails, as on a full disk, leaves the log as it is. The next commit brings the
// next try, and the writer meets the error itself.
void LogCheckpointer::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wakeup_.wait(lock, stop, [this] { return due_; })) {
        due_ = false;
        lock.unlock();
        checkpoint(SQLITE_CHECKPOINT_PASSIVE);
        lock.lock();
        if (log_is_long())
            begin_log_anew(lock);
    }
}

} // namespace ctrack
