// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

#include <sqlite3.h>

#include "query/signals/signals.h"

namespace ctrack::query {

/// While it lives, the signals that would stop the program are held back, so that an unfinished
/// file can be removed first. They take effect when it ends. A running statement ends with
/// SQLITE_INTERRUPT as soon as such a signal is pending; Watch sees to it where a report runs.
class HeldSignals {
public:
    HeldSignals() {
        const auto held = stopping_signals();
        pthread_sigmask(SIG_BLOCK, &held, &before_);
    }
    ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    static bool is_any_pending() {
        static const auto held = stopping_signals(); // is needed many times a second
        sigset_t pending;
        sigpending(&pending);
        sigandset(&pending, &pending, &held);
        return sigisemptyset(&pending) == 0;
    }

    /// Lets a pending signal interrupt the statements of a database that no Watch looks after.
    static void interrupt(sqlite3* db) {
        constexpr int steps_between = 10000; // take SQLite some 100 us
        sqlite3_progress_handler(
            db, steps_between, [](void*) { return is_any_pending() ? 1 : 0; }, nullptr);
    }

private:
    sigset_t before_;
};

} // namespace ctrack::query
