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

Epoll::Epoll() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

void Epoll::add(int descriptor, unsigned events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
        throw Error(fmt::format("cannot wait for events: {}", std::strerror(errno)));
}

// A ring with anything in it always reads as ready. Only the edge is worth waking up for: the
// wakeup that the program sends when the ring is well filled.
void Epoll::add_ring(int map) { add(map, EPOLLIN | EPOLLET); }

void Epoll::watch(int descriptor) {
    add(descriptor, EPOLLIN);
    watched_ = descriptor;
}

bool Epoll::wait(std::chrono::milliseconds timeout) const {
    std::array<epoll_event, CTRACK_MAX_RINGS + 1> events{};
    const int ready =
        epoll_wait(epoll_.get(), events.data(), events.size(), static_cast<int>(timeout.count()));
    return std::any_of(events.begin(), events.begin() + std::max(ready, 0),
                       [this](const epoll_event& event) { return event.data.fd == watched_; });
}

} // namespace ctrack
