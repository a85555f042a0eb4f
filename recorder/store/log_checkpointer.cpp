// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/log_checkpointer.h"

#include <sqlite3.h>

namespace ctrack {

namespace {

constexpr int pages_worth_a_checkpoint = 1000; // SQLite's own default: 8 MiB

} // namespace

Checkpointer::Checkpointer(const std::string& path, int most_log_pages)
    : db_(path, SQLite::OPEN_READWRITE), most_log_pages_(most_log_pages) {
    // A connection that has not read yet does not know of the log, and its
    // checkpoints quietly do nothing.
    db_.execAndGet("SELECT count(*) FROM recordings");
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Checkpointer::~Checkpointer() = default;

void Checkpointer::log_grew(int pages) {
    const std::lock_guard lock(mutex_);
    log_pages_ = pages;
    ++commits_;
    if (pages < pages_worth_a_checkpoint)
        return;
    due_ = true;
    wakeup_.notify_all();
}

bool Checkpointer::wait_for_log(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    due_ = due_ || log_is_long();
    wakeup_.notify_all();
    return wakeup_.wait_for(lock, patience, [this] { return !log_is_long(); });
}

int Checkpointer::checkpoint(int mode) {
    return sqlite3_wal_checkpoint_v2(db_.getHandle(), nullptr, mode, nullptr, nullptr);
}

// Fails at once while a reader is in the log or the writer in a transaction. A commit
// between its end and ours has told the true size.
void Checkpointer::begin_log_anew(std::unique_lock<std::mutex>& lock) {
    const auto commits = commits_;
    lock.unlock();
    const bool done = checkpoint(SQLITE_CHECKPOINT_RESTART) == SQLITE_OK;
    lock.lock();
    if (done && commits == commits_)
        log_pages_ = 0;
    wakeup_.notify_all();
}

// A checkpoint that fails (a full disk, say) leaves the log as it is; the next
// commit brings the next try, and the writer meets the error itself.
void Checkpointer::run(const std::stop_token& stop) {
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
