// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/file_descriptor.h"

namespace ctrack {

/// Turns SIGINT, SIGTERM and SIGHUP into a descriptor that can be read once one
/// has come, and ignores SIGPIPE: who reads our messages may go. Made before any
/// thread, which inherits the blocked signals.
FileDescriptor stop_signals();

} // namespace ctrack
