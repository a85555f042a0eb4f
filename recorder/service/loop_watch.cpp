// SPDX-License-Identifier: Apache-2.0
#include "recorder/service/loop_watch.h"

#include <array>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/start_thread.h"
#include "recorder/privileges/capabilities.h"
#include "recorder/service/service_manager.h"

namespace ctrack {

namespace {

// A slow commit does not wait for the disk at each moment, so it gets several chances to be seen
// waiting before the time is over.
constexpr int looks_in_a_timeout = 10;

} // namespace

LoopWatch::LoopWatch() {
    const milliseconds timeout = service_manager::watchdog_timeout();
    if (timeout.count() == 0)
        return;
    state_ = FileDescriptor(open("/proc/thread-self/stat", O_RDONLY | O_CLOEXEC));
    thread_ = start_thread([this, period = timeout / looks_in_a_timeout](
                               const std::stop_token& stop) { run(stop, period); });
}

LoopWatch::~LoopWatch() = default;

void LoopWatch::run(const std::stop_token& stop, milliseconds period) {
    keep_capabilities({}); // it only reads a file that is open and writes to a socket
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        look(period);
        wakeup_.wait_for(lock, stop, period, [] { return false; });
    }
}

void LoopWatch::look(milliseconds since_last_look) {
    if (moved_.exchange(false, std::memory_order_relaxed)) {
        standing_ = milliseconds{0};
        service_manager::alive();
    } else if (waits_for_disk()) {
        standing_ += since_last_look;
        service_manager::alive();
        service_manager::status(
            fmt::format("the disk has not answered for {} s", standing_.count() / 1000));
    }
}

// The state D, "uninterruptible", is what the kernel calls a thread that waits for a disk. It comes
// after the name, which is in brackets and may hold brackets.
bool LoopWatch::waits_for_disk() const {
    std::array<char, 256> text;
    const ssize_t size = pread(state_.get(), text.data(), text.size(), 0);
    const std::string_view line(text.data(), size > 0 ? size : 0);
    const auto name_end = line.rfind(") ");
    return name_end != std::string_view::npos && line.substr(name_end + 2, 1) == "D";
}

} // namespace ctrack
