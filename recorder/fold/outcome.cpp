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

// What ICMP and ICMPv6 errors become: the kernel's icmp_err_convert[], icmpv6_err_convert().
bool is_unreachable(unsigned sk_err) {
    switch (sk_err) {
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

// An attempt that never became a connection. Without an error the application
// gave it up itself: closed the socket, or was killed.
Ending explain_half_open(unsigned sk_err) {
    if (sk_err == ECONNREFUSED)
        return {Outcome::refused, ClosedBy::peer};
    if (sk_err == ETIMEDOUT)
        return {Outcome::timeout, ClosedBy::unknown};
    if (is_unreachable(sk_err))
        return {Outcome::unreachable, ClosedBy::unknown};
    if (sk_err == ECONNRESET || sk_err == EPIPE)
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

// A half-open connection accepted with TCP Fast Open counts as established.
bool is_attempt(const CloseFacts& facts) {
    return bit(facts.old_state) & half_open && !(facts.states_seen & established);
}

// Before a FIN of its own only a reset takes a socket to TCP_CLOSE. Having sent its
// FIN a socket waits for the peer's, unless its process closed it meanwhile; with
// neither it was that process that cut it off: unread data, SO_LINGER 0, AF_UNSPEC.
bool by_fin(const CloseFacts& facts) {
    if (bit(facts.old_state) & (half_open | established | bit(TCP_STATE_CLOSE_WAIT)))
        return false;
    return facts.peer_fin || facts.orphan;
}

Ending explain_established(const CloseFacts& facts) {
    if (facts.sk_err == 0 && by_fin(facts))
        return {Outcome::closed, first_fin(facts.states_seen | bit(facts.old_state))};
    if (facts.sk_err == 0 || facts.sk_err == ECONNABORTED) // our reset; ss -K
        return {Outcome::reset, ClosedBy::local};
    if (facts.sk_err == ETIMEDOUT)
        return {Outcome::timeout, ClosedBy::unknown};
    if (is_unreachable(facts.sk_err) || facts.sk_err == ECONNREFUSED) // ICMP's, not a reset
        return {Outcome::unreachable, ClosedBy::unknown};
    return {Outcome::reset, ClosedBy::peer};
}

} // namespace

Ending explain_close(const CloseFacts& facts) {
    return is_attempt(facts) ? explain_half_open(facts.sk_err) : explain_established(facts);
}

// Routes answer so: none, blackhole (EINVAL), prohibit (EACCES).
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
