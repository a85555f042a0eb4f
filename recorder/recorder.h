// SPDX-License-Identifier: Apache-2.0
//
// One run of the recorder: rings -> decode -> connection table -> batch -> file.
#pragma once

#include "common/file_descriptor.h"
#include "recorder/options.h"

namespace ctrack {

/// Records until the descriptor can be read or the duration is over; then detaches, drains, commits
/// and ends the recording. If nothing can be recorded, no file is touched. Throws Error.
void record(const Options& options, const FileDescriptor& stop);

} // namespace ctrack
