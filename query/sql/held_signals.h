// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>

#include <sqlite3.h>

namespace ctrack::query {

/// Whether the signal is ignored, as nohup or a shell arranges it for a program in the background.
/// Such a signal should stay ignored.
bool is_ignored(int signal);

/// While it lives, SIGINT, SIGTERM and SIGHUP, by which somebody ends a program, are held back, so
/// that an unfinished file can be removed first. They take effect when it ends. One that is ignored
/// is left out, because it would become pending if it were blocked. A running statement ends with
/// SQLITE_INTERRUPT as soon as such a signal is pending; Watch sees to it where a report runs.
class HeldSignals {
public:
    HeldSignals();
    ~HeldSignals();
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    static bool is_any_pending();

    /// Waits for a signal, but not longer than this. Returns whether one came, which then takes no
    /// effect any more.
    static bool take(std::chrono::milliseconds longest);

    /// Lets a pending signal interrupt the statements of a database that no Watch looks after.
    static void interrupt(sqlite3* db);

private:
    sigset_t before_;
};

} // namespace ctrack::query
