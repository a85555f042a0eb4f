// SPDX-License-Identifier: Apache-2.0
#include "query/sql/watch.h"

#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "query/render/units.h"
#include "query/sql/held_signals.h"

namespace ctrack::query {

namespace {

using namespace std::chrono_literals;

// SQLite takes a millisecond or so for these steps, in comparison to which a system call is cheap.
constexpr int steps_between_looks = 20'000;

constexpr auto first_show = 1s;
constexpr auto between_shows = 500ms;

std::int64_t page_bytes(sqlite3* db) {
    sqlite3_stmt* statement = nullptr;
    std::int64_t bytes = 0;
    if (sqlite3_prepare_v2(db, "PRAGMA page_size", -1, &statement, nullptr) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        bytes = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return bytes;
}

std::int64_t pages_read(sqlite3* db) {
    int pages = 0;
    int highest = 0;
    sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_MISS, &pages, &highest, 0);
    return pages;
}

// Writes without an exception if the terminal has gone, because SQLite, which is C, calls this.
void write(const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

} // namespace

Watch::Watch(sqlite3* db, const Bounds& bounds, std::optional<std::chrono::milliseconds> patience)
    : db_(db), page_bytes_(page_bytes(db)), next_show_(started_ + first_show), bounds_(bounds),
      may_show_(isatty(STDERR_FILENO) != 0), rows_go_elsewhere_(isatty(STDOUT_FILENO) == 0) {
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    if (!is_ignored(SIGINT) && pthread_sigmask(SIG_BLOCK, &interrupt, &before_) == 0)
        blocks_ = sigismember(&before_, SIGINT) == 0;
    if (patience)
        deadline_ = started_ + *patience;
    sqlite3_progress_handler(db_, steps_between_looks, step, this);
}

Watch::~Watch() {
    sqlite3_progress_handler(db_, 0, nullptr, nullptr);
    erase();
    if (blocks_)
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Watch::note_row() {
    if (may_show_ && !rows_go_elsewhere_) {
        erase();
        may_show_ = false;
    }
}

int Watch::step(void* self) {
    auto& watch = *static_cast<Watch*>(self);
    watch.is_late_ = watch.deadline_ && Clock::now() >= *watch.deadline_;
    if (watch.may_show_ && Clock::now() >= watch.next_show_)
        watch.show();
    watch.is_too_much_ = watch.goes_beyond();
    return watch.is_late_ || watch.is_too_much_ || watch.is_interrupted() ? 1 : 0;
}

// What was written is asked for at the first look and then about sixty times a second, because that
// takes the kernel ten microseconds or so.
bool Watch::goes_beyond() {
    constexpr std::int64_t looks_between = 16;
    if (looks_ == 0)
        written_before_ = bytes_written();
    ++looks_;
    return looks_ >= bounds_.steps / steps_between_looks ||
           (looks_ % looks_between == 0 &&
            bytes_written() - written_before_ >= bounds_.written_bytes);
}

bool Watch::is_interrupted() const {
    return HeldSignals::is_any_pending() && (!blocks_ || HeldSignals::take(0ms));
}

void Watch::show() {
    const auto now = Clock::now();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - started_).count();
    write(fmt::format("\r\x1b[Kworking for {} s, {} read; Ctrl-C stops it", seconds,
                      humanise(pages_read(db_) * page_bytes_, Unit::bytes)));
    next_show_ = now + between_shows;
    is_shown_ = true;
}

void Watch::erase() {
    if (!is_shown_)
        return;
    write("\r\x1b[K");
    is_shown_ = false;
}

} // namespace ctrack::query
