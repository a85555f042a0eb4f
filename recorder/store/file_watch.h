// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <sys/types.h>

#include "common/error.h"

namespace ctrack {

/// Another program has taken the file from the recorder: it was deleted, moved, replaced or cut
/// short, or what SQLite keeps beside it was deleted. what() says which.
struct LostFile : Error {
    LostFile(const std::string& what, bool content_is_gone, std::string moved_to = "")
        : Error(what), content_is_gone(content_is_gone), moved_to(std::move(moved_to)) {}

    bool content_is_gone; ///< what was recorded into it is lost
    std::string moved_to; ///< where it is now; empty if it is nowhere, or still at its path
};

/// Sees whether the file that is recorded into is still whole, and where its path says.
class FileWatch {
public:
    /// fd: an open descriptor of the file, which outlives this.
    FileWatch(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

    /// Throws LostFile. content_bytes: the length that the database now has with its log. It must
    /// be told before each commit: when another program's VACUUM has made the database smaller,
    /// this is then known before the file is made smaller too.
    void look(std::int64_t content_bytes);

private:
    void look_at_logs();

    std::string path_;
    int fd_;
    std::array<ino_t, 2> logs_{};  ///< the inodes of -wal and -shm; 0 before the first look
    std::int64_t least_bytes_ = 0; ///< so much of the content has been seen in the file
};

} // namespace ctrack
