// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ctrack::hostile {

/// A file without a name, into which a run writes. Throws std::system_error.
class MemoryFile {
public:
    MemoryFile();
    ~MemoryFile();
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    int fd() const { return fd_; }
    std::string content() const;

private:
    int fd_;
};

/// The result of a system call, or std::system_error if it has failed.
int checked(int result, const char* call);

} // namespace ctrack::hostile
