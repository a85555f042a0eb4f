// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace ctrack {

/// Calls the function once in each network namespace that a process is in or that
/// /run/netns names, with this thread moved there; then moves it back. One that has
/// gone meanwhile is left out. Throws Error if it cannot move back.
void for_each_network_namespace(const std::function<void()>& function);

} // namespace ctrack
