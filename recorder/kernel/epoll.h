// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <vector>

#include "common/file_descriptor.h"

namespace ctrack {

/// Waits until the kernel program wakes the recorder, or until the recorder is to stop.
class Epoll {
public:
    /// The rings are given by their maps. `stop` can be read once the recorder is to stop. Throws
    /// Error.
    Epoll(const std::vector<FileDescriptor>& rings, const FileDescriptor& stop);

    /// Sleeps until a wakeup, until `stop` can be read, or until the timeout. True if `stop` can be
    /// read.
    bool wait(std::chrono::milliseconds timeout) const;

private:
    void add(int descriptor, unsigned events);

    FileDescriptor epoll_;
    int stop_;
};

} // namespace ctrack
