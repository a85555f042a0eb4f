// SPDX-License-Identifier: Apache-2.0
//
// Why a connection ended and who ended it, derived from what the kernel says when the socket
// enters TCP_CLOSE. docs/kernel.md has the whole table. It is pure.
#pragma once

#include <cstdint>

namespace ctrack {

enum class Outcome { open, closed, refused, timeout, unreachable, reset, aborted, repair, lost };
enum class ClosedBy { none, local, peer, both, unknown };

struct Ending {
    Outcome outcome;
    ClosedBy closed_by;

    bool operator==(const Ending&) const = default;
};

/// What the kernel says of a socket when it enters TCP_CLOSE.
struct CloseFacts {
    unsigned old_state;        ///< the TCP state that it leaves
    unsigned error;            ///< the error that ended it, an errno; 0 for none
    std::uint32_t states_seen; ///< bit N set: the connection entered TCP state N
    bool peer_fin;             ///< the peer's FIN had arrived
    bool orphan;               ///< no process had the socket any more
    bool repair = false;       ///< TCP_REPAIR was on: nothing was sent
    bool reset_sent = false;   ///< this host sent a reset after its FIN
};

Ending explain_close(const CloseFacts& facts);

/// The ending of a connect() that returned this errno before TCP had sent anything.
Ending explain_attempt(unsigned error);

/// The names that the SQL tables use; nullptr for ClosedBy::none.
const char* name_of(Outcome outcome);
const char* name_of(ClosedBy closed_by);

} // namespace ctrack
