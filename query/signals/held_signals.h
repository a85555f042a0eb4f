// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

#include <sqlite3.h>

#include "query/signals/signals.h"

namespace ctrack::query {

/// Holds back the signals that would stop us while it lives, so that half a file can be
/// removed first; then they do what they do. A statement that runs ends with
/// SQLITE_INTERRUPT once one is pending: see Watch for those of a report.
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
        static const auto held = stopping_signals(); // asked many times a second
        sigset_t pending;
        sigpending(&pending);
        sigandset(&pending, &pending, &held);
        return sigisemptyset(&pending) == 0;
    }

    /// For a database that nothing else watches.
    static void interrupt(sqlite3* db) {
        constexpr int steps_between = 10000; // some 100 us of SQLite's work
        sqlite3_progress_handler(
            db, steps_between, [](void*) { return is_any_pending() ? 1 : 0; }, nullptr);
    }

private:
    sigset_t before_;
};

} // namespace ctrack::query
