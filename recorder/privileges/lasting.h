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

/// Gives up, for ever, what only the start needed: the capabilities of this thread, while others
/// must have done so themselves by keep_capabilities(), and system calls of the whole process.
/// False if the system calls are not filtered (recorder/privileges/system_calls.h). Throws Error.
bool keep_what_lasts(const LastingNeeds& needs);

} // namespace ctrack
