// SPDX-License-Identifier: Apache-2.0
//
// What the programs can see here, once they are attached.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recorder/checks/check.h"
#include "recorder/kernel/probe.h"

namespace ctrack {

/// What a probe has found out.
struct Seen {
    std::vector<std::string> others; ///< programs that were on the hook before
    ConnectErrors connect_errors;
    bool wants_connect_errors; ///< false if the user has turned them off
    bool accept;
    std::optional<Adoption> adoption; ///< nullopt if there was no older socket to try it on
};

/// It is pure.
Checks check_seen(const Seen& seen);

} // namespace ctrack
