// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/outcome.h"

#include <cerrno>

#include "recorder/fold/tcp_state.h"
#include "tests/catch.h"

using namespace ctrack;

namespace {

constexpr std::uint32_t seen(std::initializer_list<unsigned> states) {
    std::uint32_t bits = 0;
    for (const unsigned state : states)
        bits |= 1U << state;
    return bits;
}

constexpr auto established = seen({TCP_STATE_ESTABLISHED});

} // namespace

TEST_CASE("outcome: attempts that were never established") {
    const auto attempt = [](unsigned sk_err) {
        return explain_close({TCP_STATE_SYN_SENT, sk_err, seen({TCP_STATE_SYN_SENT}), false, true});
    };
    CHECK(attempt(ECONNREFUSED) == Ending{Outcome::refused, ClosedBy::peer});
    CHECK(attempt(ETIMEDOUT) == Ending{Outcome::timeout, ClosedBy::unknown});
    CHECK(attempt(EHOSTUNREACH) == Ending{Outcome::unreachable, ClosedBy::unknown});
    CHECK(attempt(ENETUNREACH) == Ending{Outcome::unreachable, ClosedBy::unknown});
    for (const unsigned icmp_error : {EACCES, ENOPROTOOPT, EPROTO, EOPNOTSUPP, ENONET})
        CHECK(attempt(icmp_error) == Ending{Outcome::unreachable, ClosedBy::unknown});
    CHECK(attempt(0) == Ending{Outcome::aborted, ClosedBy::local});
    CHECK(attempt(ECONNABORTED) == Ending{Outcome::aborted, ClosedBy::local});
    CHECK(explain_close({TCP_STATE_SYN_RECV, ECONNRESET, seen({TCP_STATE_SYN_RECV}), false,
                         false}) == Ending{Outcome::reset, ClosedBy::peer});
}

TEST_CASE("outcome: closed by FIN, and by whom") {
    // closed first; the peer's FIN finds no socket any more, only its TIME_WAIT
    CHECK(explain_close({TCP_STATE_FIN_WAIT2, 0,
                         established | seen({TCP_STATE_FIN_WAIT1, TCP_STATE_FIN_WAIT2}), false,
                         true}) == Ending{Outcome::closed, ClosedBy::local});
    // shut down first, the process still has it
    CHECK(explain_close({TCP_STATE_FIN_WAIT2, 0, established | seen({TCP_STATE_FIN_WAIT1}), true,
                         false}) == Ending{Outcome::closed, ClosedBy::local});
    CHECK(explain_close({TCP_STATE_LAST_ACK, 0,
                         established | seen({TCP_STATE_CLOSE_WAIT, TCP_STATE_LAST_ACK}), true,
                         true}) == Ending{Outcome::closed, ClosedBy::peer});
    CHECK(explain_close({TCP_STATE_CLOSING, 0,
                         established | seen({TCP_STATE_FIN_WAIT1, TCP_STATE_CLOSING}), true,
                         true}) == Ending{Outcome::closed, ClosedBy::both});
}

TEST_CASE("outcome: the states before are not needed to tell who closed") {
    CHECK(explain_close({TCP_STATE_FIN_WAIT2, 0, 0, true, true}) ==
          Ending{Outcome::closed, ClosedBy::local});
    CHECK(explain_close({TCP_STATE_LAST_ACK, 0, 0, true, true}) ==
          Ending{Outcome::closed, ClosedBy::peer});
}

TEST_CASE("outcome: cut off while established") {
    const Ending by_us{Outcome::reset, ClosedBy::local};
    const Ending by_peer{Outcome::reset, ClosedBy::peer};
    const auto ending = [](unsigned old_state, unsigned sk_err) {
        return explain_close({old_state, sk_err, established, false, false});
    };
    CHECK(ending(TCP_STATE_ESTABLISHED, 0) == by_us);
    CHECK(ending(TCP_STATE_CLOSE_WAIT, 0) == by_us);
    CHECK(ending(TCP_STATE_ESTABLISHED, ECONNABORTED) == by_us);
    CHECK(ending(TCP_STATE_ESTABLISHED, ECONNRESET) == by_peer);
    CHECK(ending(TCP_STATE_CLOSE_WAIT, EPIPE) == by_peer);
    CHECK(ending(TCP_STATE_FIN_WAIT2, ECONNRESET) == by_peer);
    const Ending timeout{Outcome::timeout, ClosedBy::unknown};
    CHECK(ending(TCP_STATE_ESTABLISHED, ETIMEDOUT) == timeout);
    CHECK(ending(TCP_STATE_FIN_WAIT1, ETIMEDOUT) == timeout);
    // retransmitted in vain, and ICMP said why
    for (const unsigned icmp_error : {EHOSTUNREACH, EACCES, ECONNREFUSED})
        CHECK(ending(TCP_STATE_ESTABLISHED, icmp_error) ==
              Ending{Outcome::unreachable, ClosedBy::unknown});
}

TEST_CASE("outcome: accepted with TCP Fast Open and cut off before the handshake was done") {
    const auto ending = [](unsigned sk_err) {
        return explain_close({TCP_STATE_SYN_RECV, sk_err, established, false, true});
    };
    CHECK(ending(0) == Ending{Outcome::reset, ClosedBy::local});
    CHECK(ending(ECONNRESET) == Ending{Outcome::reset, ClosedBy::peer});
    CHECK(ending(ETIMEDOUT) == Ending{Outcome::timeout, ClosedBy::unknown});
}

TEST_CASE("outcome: cut off by this end after its own FIN") {
    const Ending by_us{Outcome::reset, ClosedBy::local};
    for (const unsigned state : {TCP_STATE_FIN_WAIT1, TCP_STATE_FIN_WAIT2})
        CHECK(explain_close({state, 0, established | seen({TCP_STATE_FIN_WAIT1}), false, false}) ==
              by_us);
}

TEST_CASE("outcome: the kernel has sent a reset after this end's FIN") {
    const auto ending = [](unsigned old_state, bool peer_fin) {
        return explain_close({.old_state = old_state,
                              .error = 0,
                              .states_seen = established | seen({TCP_STATE_FIN_WAIT1}),
                              .peer_fin = peer_fin,
                              .orphan = true,
                              .reset_sent = true});
    };
    CHECK(ending(TCP_STATE_FIN_WAIT2, false) == Ending{Outcome::reset, ClosedBy::local});
    CHECK(ending(TCP_STATE_LAST_ACK, true) == Ending{Outcome::reset, ClosedBy::local});
}

TEST_CASE("outcome: taken down in repair mode, unless it broke before") {
    const auto ending = [](unsigned error) {
        return explain_close({.old_state = TCP_STATE_ESTABLISHED,
                              .error = error,
                              .states_seen = established,
                              .peer_fin = false,
                              .orphan = false,
                              .repair = true});
    };
    CHECK(ending(0) == Ending{Outcome::repair, ClosedBy::local});
    CHECK(ending(ECONNRESET) == Ending{Outcome::reset, ClosedBy::peer});
}

TEST_CASE("outcome: a connect() that failed before TCP") {
    for (const unsigned error : {ENETUNREACH, EHOSTUNREACH, EINVAL, EACCES})
        CHECK(explain_attempt(error) == Ending{Outcome::unreachable, ClosedBy::local});
    for (const unsigned error : {EADDRNOTAVAIL, EPERM, ENOBUFS})
        CHECK(explain_attempt(error) == Ending{Outcome::aborted, ClosedBy::local});
}

TEST_CASE("outcome: names are those of the SQL column") {
    CHECK(std::string(name_of(Outcome::unreachable)) == "unreachable");
    CHECK(std::string(name_of(ClosedBy::both)) == "both");
    CHECK(name_of(ClosedBy::none) == nullptr);
}
