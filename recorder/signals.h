// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/file_descriptor.h"

namespace ctrack {

/// Descriptors that can be read once one of their signals has come.
struct Signals {
    FileDescriptor stop;   ///< SIGINT, SIGTERM, SIGQUIT and SIGXCPU (RLIMIT_CPU is reached)
    FileDescriptor reload; ///< SIGHUP
};

/// SIGHUP asks a recorder to read its config file again. But to one that belongs to a terminal it
/// says that the terminal has gone, and is one of those that stop it, unless it is started to
/// outlive the terminal (nohup). Of the other signals this ignores SIGPIPE, because whoever reads
/// the messages may go; SIGXFSZ, so that a file at the limit of its size (RLIMIT_FSIZE) is an error
/// like a full disk; and the other signals that would end a process and are no fault of its own,
/// such as SIGALRM, because nothing is meant by them. It must be called before any thread is made,
/// because threads inherit the blocked signals.
Signals take_signals();

/// Whether one of the signals has come since this was asked before.
bool has_come(const FileDescriptor& signals);

} // namespace ctrack
