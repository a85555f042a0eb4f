// SPDX-License-Identifier: Apache-2.0
#include "recorder/checkpointer.h"

#include <sqlite3.h>

namespace ctrack {

namespace {

constexpr int pages_worth_a_checkpoint = 1000; // SQLite's own default: 4 MiB

} // namespace

Checkpointer::Checkpointer(const std::string& path) : db_(path, SQLite::OPEN_READWRITE) {
    // A connection that has not read yet does not know of the log, and its
    // checkpoints quietly do nothing.
    db_.execAndGet("SELECT count(*) FROM recordings");
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Checkpointer::~Checkpointer() = default;

void Checkpointer::log_grew(int pages) {
    if (pages < pages_worth_a_checkpoint)
        return;
    const std::lock_guard lock(mutex_);
    due_ = true;
    wakeup_.notify_one();
}

// A checkpoint that fails (a full disk, say) leaves the log as it is; the next
// commit brings the next try, and the writer meets the error itself.
void Checkpointer::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wakeup_.wait(lock, stop, [this] { return due_; })) {
        due_ = false;
        lock.unlock();
        sqlite3_wal_checkpoint_v2(db_.getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                  nullptr);
        lock.lock();
    }
}

} // namespace ctrack
