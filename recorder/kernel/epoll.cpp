// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/epoll.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/epoll.h>

#include <fmt/format.h>

#include "common/error.h"

#include "bpf/ctrack_event.h"

namespace ctrack {

// A ring with anything in it always reads as ready. Only the edge is worth waking up for: the
// wakeup that the program sends when the ring is well filled.
Epoll::Epoll(const std::vector<FileDescriptor>& rings, const FileDescriptor& stop)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), stop_(stop.get()) {
    for (const FileDescriptor& ring : rings)
        add(ring.get(), EPOLLIN | EPOLLET);
    add(stop_, EPOLLIN);
}

void Epoll::add(int descriptor, unsigned events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
        throw Error(fmt::format("cannot wait for events: {}", std::strerror(errno)));
}

bool Epoll::wait(std::chrono::milliseconds timeout) const {
    std::array<epoll_event, CTRACK_MAX_RINGS + 1> events{};
    const int ready =
        epoll_wait(epoll_.get(), events.data(), events.size(), static_cast<int>(timeout.count()));
    return std::any_of(events.begin(), events.begin() + std::max(ready, 0),
                       [this](const epoll_event& event) { return event.data.fd == stop_; });
}

} // namespace ctrack
