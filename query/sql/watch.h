// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include <sqlite3.h>

#include "query/sql/bounds.h"

namespace ctrack::query {

/// Ctrl-C was pressed. The program ends with 130, as the shell has it.
struct Interrupted : std::exception {
    const char* what() const noexcept override { return "interrupted"; }
};

/// While a Watch lives, SIGINT does not end the program but the running statement, with
/// SQLITE_INTERRUPT. A statement that takes more than a second shows on stderr, if that is a
/// terminal, how long it has been working and how much it has read.
///
/// The Watch blocks SIGINT and looks whether it is pending, so no signal handler needs to know the
/// database. A SIGINT that came too late for a statement takes effect when the Watch ends. If
/// HeldSignals holds signals back, each of them ends the statement too, and takes effect when
/// HeldSignals ends.
class Watch {
public:
    explicit Watch(sqlite3* db, const Bounds& bounds = {},
                   std::optional<std::chrono::milliseconds> patience = std::nullopt);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// Whether the statement was ended because it took longer than the patience.
    bool is_late() const { return is_late_; }

    /// Whether the statement was ended because it went beyond the bounds.
    bool is_too_much() const { return is_too_much_; }

    /// Says that a row has come, so that the terminal may be needed for rows from now on.
    void note_row();

private:
    using Clock = std::chrono::steady_clock;

    static int step(void* watch);
    bool is_interrupted() const;
    bool goes_beyond();
    void show();
    void erase();

    sqlite3* db_;
    std::int64_t page_bytes_;
    bool blocks_ = false; // is not set if SIGINT is ignored or held back by HeldSignals
    sigset_t before_{};
    Clock::time_point started_ = Clock::now();
    Clock::time_point next_show_;
    std::optional<Clock::time_point> deadline_;
    bool is_late_ = false;
    Bounds bounds_;
    std::int64_t looks_ = 0;
    std::int64_t written_before_ = 0;
    bool is_too_much_ = false;
    bool is_shown_ = false;
    bool may_show_;
    bool rows_go_elsewhere_;
};

} // namespace ctrack::query
