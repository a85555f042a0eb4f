// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace ctrack {

/// Calls the function once in each network namespace that a process is in or that /run/netns names.
/// The thread enters the namespace for the call and returns at the end. A namespace that has gone
/// meanwhile is left out. Throws Error if the thread cannot return.
void for_each_network_namespace(const std::function<void()>& function);

} // namespace ctrack
