// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ctrack {

/// This machine and its running kernel, as the columns of recordings describe them.
struct Host {
    std::string host_id;
    std::string hostname;
    std::string boot_id;
    std::string kernel;
};

/// A field that cannot be read is empty.
Host read_host();

/// Whether the clocks of our time namespace differ from the host's. The kernel's records have the
/// time of the host, and in /proc all processes would have begun at other times.
bool has_other_clocks();

} // namespace ctrack
