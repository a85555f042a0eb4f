// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "common/file_descriptor.h"

namespace ctrack {

/// Waits until the kernel program wakes the recorder, or until another descriptor can be read.
class Epoll {
public:
    Epoll();

    /// Waits for the wakeups of this ring too; the ring is given by the descriptor of its map.
    /// Throws Error.
    void add_ring(int map);

    /// Waits for this descriptor too, which becomes the one that wait() asks about. Throws Error.
    void watch(int descriptor);

    /// Sleeps until a wakeup, until the watched descriptor can be read, or until the timeout. True
    /// if the watched descriptor can be read.
    bool wait(std::chrono::milliseconds timeout) const;

private:
    void add(int descriptor, unsigned events);

    FileDescriptor epoll_;
    int watched_ = -1;
};

} // namespace ctrack
