// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace ctrack::query {

/// Whether the signal is ignored, as nohup or a shell arranges it for a program in the background.
/// Such a signal should stay ignored.
bool is_ignored(int signal);

/// The signals by which somebody ends a program: SIGINT, SIGTERM and SIGHUP. One that is ignored
/// is left out, because it would become pending if it were blocked.
sigset_t stopping_signals();

} // namespace ctrack::query
