// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "common/error.h"

namespace ctrack {

/// Starts a thread that is given a std::stop_token. Throws Error, which names the limits that may
/// keep it from starting.
template <class Function> std::jthread start_thread(Function&& function) try {
    return std::jthread(std::forward<Function>(function));
} catch (const std::system_error& e) {
    throw Error(std::string("cannot start a thread: ") + e.code().message() +
                ": look at ulimit -u, and at TasksMax= of the service");
}

} // namespace ctrack
