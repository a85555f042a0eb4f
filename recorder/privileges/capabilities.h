// SPDX-License-Identifier: Apache-2.0
//
// The capabilities that the recorder needs, what for and until when. Only this folder knows libcap.
#pragma once

#include <functional>
#include <span>

namespace ctrack {

/// Until when a capability is kept.
enum class Keeps {
    start,  ///< until the programs are attached and the older sockets adopted
    always, ///< for the life of the recorder
};

struct Capability {
    int number; ///< as in <linux/capability.h>
    const char* name;
    Keeps keeps;
    bool is_required; ///< without it, nothing can be recorded
    const char* use;
    const char* cost; ///< what a recording lacks without it
};

/// All that the recorder can make use of.
std::span<const Capability> capabilities();

/// Whether this thread may use the capability.
bool has_capability(int number);

/// Lets this process, and what it executes, gain no privilege any more, as by a set-user-ID file.
/// Threads that are made later inherit it. Throws Error.
void gain_no_privileges();

/// What the function returns while no capabilities but these, of those that this thread has, are in
/// force. Throws Error.
bool works_with(std::span<const int> in_force, const std::function<bool()>& function);

/// Gives up all capabilities of this thread but those of these that it has, for ever: none can come
/// back, not even by executing a program. Throws Error.
void keep_capabilities(std::span<const int> kept);

} // namespace ctrack
