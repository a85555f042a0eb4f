// SPDX-License-Identifier: Apache-2.0
#include "query/signals/signals.h"

#include <initializer_list>

namespace ctrack::query {

bool is_ignored(int signal) {
    struct sigaction action {};
    return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t stopping_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        if (!is_ignored(signal))
            sigaddset(&signals, signal);
    return signals;
}

} // namespace ctrack::query
