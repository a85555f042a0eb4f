// SPDX-License-Identifier: Apache-2.0
#include "query/signals/stop_signals.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/error.h"
#include "query/signals/signals.h"

namespace ctrack::query {

StopSignals::StopSignals() {
    const auto signals = stopping_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    descriptor_ = signalfd(-1, &signals, SFD_CLOEXEC);
    if (descriptor_ < 0)
        throw Error(fmt::format("cannot wait for signals: {}", std::strerror(errno)));
}

StopSignals::~StopSignals() {
    close(descriptor_); // a signal that came stays pending and blocked, so it does not kill us
}

StopSignals::Cause StopSignals::wait(std::chrono::milliseconds time, int output) const {
    std::array<pollfd, 2> watched{{{descriptor_, POLLIN, 0}, {output, 0, 0}}};
    if (poll(watched.data(), watched.size(), static_cast<int>(time.count())) <= 0)
        return Cause::none;
    if ((watched[0].revents & POLLIN) != 0)
        return Cause::signal;
    return (watched[1].revents & (POLLERR | POLLNVAL)) != 0 ? Cause::closed_pipe : Cause::none;
}

} // namespace ctrack::query
