// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/file_descriptor.h"

namespace ctrack {

/// Turns SIGINT, SIGTERM and SIGHUP into a descriptor that can be read once one of them has come.
/// It ignores SIGPIPE, because whoever reads the messages may go. It must be called before any
/// thread is made, because threads inherit the blocked signals.
FileDescriptor stop_signals();

} // namespace ctrack
