// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <stdexcept>

#include <sqlite3.h>

namespace ctrack::query {

/// Ctrl-C was pressed. The program ends with 130, as the shell has it.
struct Interrupted : std::exception {
    const char* what() const noexcept override { return "interrupted"; }
};

/// While it lives, SIGINT does not end the program but the statement that runs, with
/// SQLITE_INTERRUPT; and one that takes more than a second says on stderr, if that
/// is a terminal, how long it has been at it and how much it has read.
///
/// SIGINT is blocked meanwhile and read from a descriptor, so no handler needs to
/// know the database. A SIGINT that no statement has taken comes when this ends. While
/// HeldSignals lives its signals end the statement, and come when that ends.
class Watch {
public:
    explicit Watch(sqlite3* db);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// A row has come: from now on the terminal may be needed for rows.
    void note_row();

private:
    using Clock = std::chrono::steady_clock;

    static int step(void* watch);
    bool is_interrupted() const;
    void show();
    void erase();

    sqlite3* db_;
    std::int64_t page_bytes_;
    int signals_ = -1; // -1: ignored, or held back by another
    sigset_t before_{};
    Clock::time_point started_ = Clock::now();
    Clock::time_point next_show_;
    bool is_shown_ = false;
    bool may_show_;
    bool rows_go_elsewhere_;
};

} // namespace ctrack::query
