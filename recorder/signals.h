// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/file_descriptor.h"

namespace ctrack {

/// Turns SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGXCPU (RLIMIT_CPU is reached) into a descriptor
/// that can be read once one of them has come. It ignores SIGPIPE, because whoever reads the
/// messages may go; SIGXFSZ, so that a file at the limit of its size (RLIMIT_FSIZE) is an error
/// like a full disk; and the other signals that would end a process and are no fault of its own,
/// such as SIGALRM, because nothing is meant by them. It must be called before any thread is made,
/// because threads inherit the blocked signals.
FileDescriptor stop_signals();

} // namespace ctrack
