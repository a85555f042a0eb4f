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

/// old_state: the TCP state left for TCP_CLOSE; sk_err: the socket's errno then;
/// states_seen: bit N set if the connection entered TCP state N.
Ending explain_close(unsigned old_state, unsigned sk_err, std::uint32_t states_seen);

/// The names used in SQL; none has none.
const char* name_of(Outcome outcome);
const char* name_of(ClosedBy closed_by);

} // namespace ctrack
