// SPDX-License-Identifier: Apache-2.0
//
// What the recorder tells the program that has started it as a service (sd_notify(3)). Where there
// is none, as in a terminal, nothing happens. What fails is ignored: recording matters more. Each
// of these may be called from any thread.
#pragma once

#include <chrono>
#include <string>

namespace ctrack::service_manager {

/// It records, or has read its configuration again.
void ready();

/// It reads its configuration again; ready() must follow.
void reloading();

/// It has begun to stop.
void stopping();

/// One line for `systemctl status`. Names of others in it cannot act on a terminal.
void status(const std::string& line);

/// The recorder lives. To be said more often than each watchdog_timeout().
void alive();

/// The manager ends a recorder that has not said for so long that it lives; 0: it does not watch.
std::chrono::milliseconds watchdog_timeout();

} // namespace ctrack::service_manager
