// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/outcome.h"

#include <cerrno>

#include "recorder/fold/tcp_state.h"

namespace ctrack {

namespace {

constexpr std::uint32_t bit(unsigned state) { return 1U << state; }

constexpr std::uint32_t half_open =
    bit(TCP_STATE_SYN_SENT) | bit(TCP_STATE_SYN_RECV) | bit(TCP_STATE_NEW_SYN_RECV);
constexpr std::uint32_t established = bit(TCP_STATE_ESTABLISHED);
constexpr std::uint32_t after_local_fin = bit(TCP_STATE_FIN_WAIT1) | bit(TCP_STATE_FIN_WAIT2);
constexpr std::uint32_t after_peer_fin = bit(TCP_STATE_CLOSE_WAIT) | bit(TCP_STATE_LAST_ACK);

// The errors that the kernel makes of ICMP and ICMPv6 errors (its icmp_err_convert[] and
// icmpv6_err_convert()).
bool is_unreachable(unsigned error) {
    switch (error) {
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENONET:
    case EACCES:      // forbidden, in ICMPv6
    case ENOPROTOOPT: // protocol unreachable
    case EOPNOTSUPP:  // source route failed
    case EPROTO:      // parameter problem
        return true;
    default: return false;
    }
}

// The connection was never established. If there is no error, the application gave it up itself: it
// closed the socket, or was killed.
Ending explain_half_open(unsigned error) {
    if (error == ECONNREFUSED)
        return {Outcome::refused, ClosedBy::peer};
    if (error == ETIMEDOUT)
        return {Outcome::timeout, ClosedBy::unknown};
    if (is_unreachable(error))
        return {Outcome::unreachable, ClosedBy::unknown};
    if (error == ECONNRESET || error == EPIPE)
        return {Outcome::reset, ClosedBy::peer};
    return {Outcome::aborted, ClosedBy::local};
}

ClosedBy first_fin(std::uint32_t states) {
    if (states & bit(TCP_STATE_CLOSING))
        return ClosedBy::both;
    if (states & after_local_fin)
        return ClosedBy::local;
    return states & after_peer_fin ? ClosedBy::peer : ClosedBy::unknown;
}

// A half-open connection that was accepted with TCP Fast Open counts as established.
bool is_half_open(const CloseFacts& facts) {
    return bit(facts.old_state) & half_open && !(facts.states_seen & established);
}

// Whether FINs ended the connection, not a reset. Only a reset closes a socket that has not sent
// its FIN. A socket that has sent it waits for the peer's FIN, or is an orphan. If neither is the
// case, the process has cut the connection off: by closing with unread data, by SO_LINGER 0, or by
// connect() to AF_UNSPEC. The kernel itself sends a reset instead of waiting if data comes for an
// orphan, or if TCP_LINGER2 forbids to wait.
bool by_fin(const CloseFacts& facts) {
    if (bit(facts.old_state) & (half_open | established | bit(TCP_STATE_CLOSE_WAIT)))
        return false;
    return !facts.reset_sent && (facts.peer_fin || facts.orphan);
}

Ending explain_established(const CloseFacts& facts) {
    if (facts.error == 0 && facts.repair)
        return {Outcome::repair, ClosedBy::local};
    if (facts.error == 0 && by_fin(facts))
        return {Outcome::closed, first_fin(facts.states_seen | bit(facts.old_state))};
    if (facts.error == 0 || facts.error == ECONNABORTED) // a reset by this end; ss -K
        return {Outcome::reset, ClosedBy::local};
    if (facts.error == ETIMEDOUT)
        return {Outcome::timeout, ClosedBy::unknown};
    if (is_unreachable(facts.error) || facts.error == ECONNREFUSED) // from ICMP, not from a reset
        return {Outcome::unreachable, ClosedBy::unknown};
    return {Outcome::reset, ClosedBy::peer};
}

} // namespace

Ending explain_close(const CloseFacts& facts) {
    return is_half_open(facts) ? explain_half_open(facts.error) : explain_established(facts);
}

// These errors say that there is no way to the peer: there is no route (ENETUNREACH), or the route
// is a blackhole (EINVAL), or it prohibits (EACCES).
Ending explain_attempt(unsigned error) {
    const bool no_way = is_unreachable(error) || error == EINVAL;
    return {no_way ? Outcome::unreachable : Outcome::aborted, ClosedBy::local};
}

const char* name_of(Outcome outcome) {
    switch (outcome) {
    case Outcome::open: return "open";
    case Outcome::closed: return "closed";
    case Outcome::refused: return "refused";
    case Outcome::timeout: return "timeout";
    case Outcome::unreachable: return "unreachable";
    case Outcome::reset: return "reset";
    case Outcome::aborted: return "aborted";
    case Outcome::repair: return "repair";
    case Outcome::lost: break;
    }
    return "lost";
}

const char* name_of(ClosedBy closed_by) {
    switch (closed_by) {
    case ClosedBy::none: return nullptr;
    case ClosedBy::local: return "local";
    case ClosedBy::peer: return "peer";
    case ClosedBy::both: return "both";
    case ClosedBy::unknown: break;
    }
    return "unknown";
}

} // namespace ctrack
