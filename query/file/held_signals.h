// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

#include <sqlite3.h>

namespace ctrack::query {

/// Holds back SIGINT, SIGTERM and SIGHUP while it lives, so that half a file can be
/// removed first; then they do what they do.
class HeldSignals {
public:
    HeldSignals() {
        sigset_t held;
        sigemptyset(&held);
        for (const int signal : signals)
            sigaddset(&held, signal);
        sigprocmask(SIG_BLOCK, &held, &before_);
    }
    ~HeldSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    static bool is_any_pending() {
        sigset_t pending;
        sigpending(&pending);
        for (const int signal : signals)
            if (sigismember(&pending, signal) == 1)
                return true;
        return false;
    }

    /// The database's statements end with SQLITE_INTERRUPT once a signal is pending.
    static void interrupt(sqlite3* db) {
        constexpr int steps_between = 10000; // some 100 us of SQLite's work
        sqlite3_progress_handler(
            db, steps_between, [](void*) { return is_any_pending() ? 1 : 0; }, nullptr);
    }

private:
    static constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t before_;
};

} // namespace ctrack::query
