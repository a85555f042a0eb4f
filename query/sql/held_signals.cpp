// SPDX-License-Identifier: Apache-2.0
#include "query/sql/held_signals.h"

namespace ctrack::query {

namespace {

// Is needed many times a second, so it is made once.
const sigset_t& held() {
    static const sigset_t signals = [] {
        sigset_t set;
        sigemptyset(&set);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP})
            if (!is_ignored(signal))
                sigaddset(&set, signal);
        return set;
    }();
    return signals;
}

} // namespace

bool is_ignored(int signal) {
    struct sigaction action {};
    return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

HeldSignals::HeldSignals() { pthread_sigmask(SIG_BLOCK, &held(), &before_); }

HeldSignals::~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool HeldSignals::is_any_pending() {
    sigset_t pending;
    sigpending(&pending);
    sigandset(&pending, &pending, &held());
    return sigisemptyset(&pending) == 0;
}

bool HeldSignals::take(std::chrono::milliseconds longest) {
    const timespec time{longest.count() / 1000, longest.count() % 1000 * 1'000'000};
    return sigtimedwait(&held(), nullptr, &time) > 0;
}

void HeldSignals::interrupt(sqlite3* db) {
    constexpr int steps_between = 10000; // take SQLite some 100 us
    sqlite3_progress_handler(
        db, steps_between, [](void*) { return is_any_pending() ? 1 : 0; }, nullptr);
}

} // namespace ctrack::query
