// SPDX-License-Identifier: Apache-2.0
#include "recorder/service/service_manager.h"

#include <cstdint>
#include <ctime>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include "common/clock.h"
#include "common/terminal_text.h"

namespace ctrack::service_manager {

void ready() { sd_notify(0, "READY=1"); }

void reloading() {
    sd_notify(0,
              fmt::format("RELOADING=1\nMONOTONIC_USEC={}", clock_now_us(CLOCK_MONOTONIC)).c_str());
}

void stopping() { sd_notify(0, "STOPPING=1"); }

void status(const std::string& line) { sd_notify(0, ("STATUS=" + one_line(line)).c_str()); }

void alive() { sd_notify(0, "WATCHDOG=1"); }

std::chrono::milliseconds watchdog_timeout() {
    std::uint64_t timeout_us = 0;
    return std::chrono::milliseconds(sd_watchdog_enabled(0, &timeout_us) > 0 ? timeout_us / 1000
                                                                             : 0);
}

} // namespace ctrack::service_manager
