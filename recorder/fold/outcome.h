// SPDX-License-Identifier: Apache-2.0
//
// Why a connection ended and who ended it, from what the kernel says at
// TCP_CLOSE. The whole table is in docs/kernel.md. Pure.
#pragma once

#include <cstdint>

namespace ctrack {

enum class Outcome { open, closed, refused, timeout, unreachable, reset, aborted, lost };
enum class ClosedBy { none, local, peer, both, unknown };

struct Ending {
    Outcome outcome;
    ClosedBy closed_by;

    bool operator==(const Ending&) const = default;
};

/// A socket at TCP_CLOSE.
struct CloseFacts {
    unsigned old_state;        ///< the TCP state left
    unsigned sk_err;           ///< its errno; 0 = none
    std::uint32_t states_seen; ///< bit N set: the connection entered TCP state N
    bool peer_fin;             ///< the peer's FIN had arrived
    bool orphan;               ///< no process had the socket any more
};

Ending explain_close(const CloseFacts& facts);

/// A connect() that returned this errno before TCP had sent anything.
Ending explain_attempt(unsigned error);

/// The names used in SQL; none has none.
const char* name_of(Outcome outcome);
const char* name_of(ClosedBy closed_by);

} // namespace ctrack
