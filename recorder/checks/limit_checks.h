// SPDX-License-Identifier: Apache-2.0
//
// Whether the limits of this process leave room for what the recorder takes.
#pragma once

#include <cstdint>
#include <optional>

#include "recorder/checks/check.h"

namespace ctrack {

struct Memory {
    std::uint64_t ring_bytes;           ///< of all rings
    std::optional<std::uint64_t> limit; ///< of the recorder's cgroups
    std::uint64_t available;            ///< on the host; 0: not known
};

/// It is pure.
Check check_memory(const Memory& memory);

/// To be asked when all is loaded and attached: what is open then stays open.
Check check_open_files();

} // namespace ctrack
