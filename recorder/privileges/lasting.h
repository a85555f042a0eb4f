// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace ctrack {

/// What the recorder wants to go on doing for its whole life.
struct LastingNeeds {
    bool enters_namespaces;               ///< network namespaces that are not its own
    std::function<bool()> reads_programs; ///< whether the kernel answers about its programs
    std::string folder;                   ///< in which files are made and removed
};

/// Gives up, for ever, what only the start needed. Other threads must have done so themselves, by
/// keep_capabilities(). Throws Error.
void keep_what_lasts(const LastingNeeds& needs);

} // namespace ctrack
