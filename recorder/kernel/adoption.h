// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ctrack {

/// How the recorder sees the further life of sockets that are older than itself.
enum class Adoption {
    callbacks,        ///< by TCP's callbacks, like all other sockets
    state_tracepoint, ///< their state changes and ends by a tracepoint, no RTT (before Linux 6.12)
};

} // namespace ctrack
