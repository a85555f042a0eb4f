// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "common/error.h"
#include "common/file_descriptor.h"

namespace ctrack {

/// Another recorder has the file.
struct FileInUse : Error {
    using Error::Error;
};

/// Throws Error if somebody else than the user who records could replace the file.
void require_trusted_way(const std::string& path);

/// Throws Error if what SQLite keeps beside the file belongs to another user, or if everybody can
/// write to it.
void require_own_logs(const std::string& path);

/// Keeps a second recorder away from a file. It must be made before the database is opened and
/// released after it is closed, because closing any descriptor of a file drops SQLite's own locks
/// on it. The kernel releases the lock when the process dies.
class FileLock {
public:
    /// Makes the file and its folder if they are missing. Only its owner and group can read the
    /// file, since it holds command lines. Throws Error, also if the file or what SQLite keeps
    /// beside it belongs to another user, if everybody can write to it, or if somebody else could
    /// replace it. What is made is given to the group of readers.
    explicit FileLock(const std::string& path, std::optional<gid_t> readers = {});

    int descriptor() const { return fd_.get(); }

private:
    FileDescriptor fd_;
};

} // namespace ctrack
