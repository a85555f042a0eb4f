// SPDX-License-Identifier: Apache-2.0
//
// One run of the recorder: rings -> decode -> connection table -> batch -> file.
#pragma once

#include "recorder/options.h"
#include "recorder/reloader.h"
#include "recorder/signals.h"

namespace ctrack {

/// Records until a signal stops it or the duration is over; then detaches, drains, commits
/// and ends the recording. If nothing can be recorded, no file is touched. Throws Error.
void record(const Options& options, const Signals& signals, const ReadOptions& read_again);

} // namespace ctrack
