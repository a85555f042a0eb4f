// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace ctrack::query {

/// As by nohup, or by a shell for what runs in the background: so it should stay.
bool is_ignored(int signal);

/// Those that end a program at somebody's wish, SIGINT, SIGTERM and SIGHUP, but for what is
/// ignored: blocked, it would be pending all the same.
sigset_t stopping_signals();

} // namespace ctrack::query
