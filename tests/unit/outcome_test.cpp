// SPDX-License-Identifier: Apache-2.0
#include "recorder/outcome.h"

#include <cerrno>

#include "recorder/tcp_state.h"
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
        return explain_close(TCP_STATE_SYN_SENT, sk_err, seen({TCP_STATE_SYN_SENT}));
    };
    CHECK(attempt(ECONNREFUSED) == Ending{Outcome::refused, ClosedBy::peer});
    CHECK(attempt(ETIMEDOUT) == Ending{Outcome::timeout, ClosedBy::unknown});
    CHECK(attempt(EHOSTUNREACH) == Ending{Outcome::unreachable, ClosedBy::unknown});
    CHECK(attempt(ENETUNREACH) == Ending{Outcome::unreachable, ClosedBy::unknown});
    CHECK(attempt(0) == Ending{Outcome::aborted, ClosedBy::local});
    CHECK(attempt(ECONNABORTED) == Ending{Outcome::aborted, ClosedBy::local});
    CHECK(explain_close(TCP_STATE_SYN_RECV, ECONNRESET, seen({TCP_STATE_SYN_RECV})) ==
          Ending{Outcome::reset, ClosedBy::peer});
}

TEST_CASE("outcome: closed by FIN, and by whom") {
    CHECK(explain_close(TCP_STATE_FIN_WAIT2, 0,
                        established | seen({TCP_STATE_FIN_WAIT1, TCP_STATE_FIN_WAIT2})) ==
          Ending{Outcome::closed, ClosedBy::local});
    CHECK(explain_close(TCP_STATE_LAST_ACK, 0,
                        established | seen({TCP_STATE_CLOSE_WAIT, TCP_STATE_LAST_ACK})) ==
          Ending{Outcome::closed, ClosedBy::peer});
    CHECK(explain_close(TCP_STATE_CLOSING, 0,
                        established | seen({TCP_STATE_FIN_WAIT1, TCP_STATE_CLOSING})) ==
          Ending{Outcome::closed, ClosedBy::both});
}

TEST_CASE("outcome: the states before are not needed to tell who closed") {
    CHECK(explain_close(TCP_STATE_FIN_WAIT2, 0, 0) == Ending{Outcome::closed, ClosedBy::local});
    CHECK(explain_close(TCP_STATE_LAST_ACK, 0, 0) == Ending{Outcome::closed, ClosedBy::peer});
}

TEST_CASE("outcome: cut off while established") {
    const Ending by_us{Outcome::reset, ClosedBy::local};
    const Ending by_peer{Outcome::reset, ClosedBy::peer};
    CHECK(explain_close(TCP_STATE_ESTABLISHED, 0, established) == by_us);
    CHECK(explain_close(TCP_STATE_CLOSE_WAIT, 0, established) == by_us);
    CHECK(explain_close(TCP_STATE_ESTABLISHED, ECONNABORTED, established) == by_us);
    CHECK(explain_close(TCP_STATE_ESTABLISHED, ECONNRESET, established) == by_peer);
    CHECK(explain_close(TCP_STATE_CLOSE_WAIT, EPIPE, established) == by_peer);
    CHECK(explain_close(TCP_STATE_FIN_WAIT2, ECONNRESET, established) == by_peer);
    CHECK(explain_close(TCP_STATE_ESTABLISHED, ETIMEDOUT, established) ==
          Ending{Outcome::timeout, ClosedBy::unknown});
    CHECK(explain_close(TCP_STATE_FIN_WAIT1, ETIMEDOUT, established) ==
          Ending{Outcome::timeout, ClosedBy::unknown});
    CHECK(explain_close(TCP_STATE_ESTABLISHED, EHOSTUNREACH, established) ==
          Ending{Outcome::unreachable, ClosedBy::unknown});
}

TEST_CASE("outcome: names are those of the SQL column") {
    CHECK(std::string(name_of(Outcome::unreachable)) == "unreachable");
    CHECK(std::string(name_of(ClosedBy::both)) == "both");
    CHECK(name_of(ClosedBy::none) == nullptr);
}
