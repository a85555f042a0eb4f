// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/file_descriptor.h"

namespace ctrack {

/// Keeps a second recorder away from a file. Made before the file is opened as a
/// database and released after it is closed: closing any descriptor of a file
/// drops SQLite's own locks on it. The kernel drops it when the process dies.
class FileLock {
public:
    /// Makes the file (readable by its owner and group: it holds command lines)
    /// and its folder if missing. Throws Error.
    explicit FileLock(const std::string& path);

private:
    FileDescriptor fd_;
};

} // namespace ctrack
