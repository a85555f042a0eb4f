// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ctrack {

/// This machine and its running kernel; see the columns of recordings.
struct Host {
    std::string host_id;
    std::string hostname;
    std::string boot_id;
    std::string kernel;
};

/// Fields that cannot be read are empty.
Host read_host();

} // namespace ctrack
