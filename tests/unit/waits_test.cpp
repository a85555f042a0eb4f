// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/tcp_state.h"
#include "recorder/fold/waits.h"
#include "tests/catch.h"
#include "tests/unit/records.h"

using namespace ctrack;
using namespace ctrack::test;

namespace {

constexpr std::uint64_t second = 1'000'000'000;

// What a connection looks like at some moment, as the kernel tells it. Times are seconds.
struct Look {
    double at;
    double sent;
    double received;
    std::uint64_t bytes_sent = 100;
    std::uint64_t bytes_received = 100;
    ctrack_kind kind = CTRACK_CHECKPOINT;
    unsigned state = TCP_STATE_ESTABLISHED;
    bool unacknowledged = false;
    bool orphan = false;
    std::uint32_t retrans_segs = 0;
};

std::uint32_t ms_before(double then, double at) {
    return static_cast<std::uint32_t>((at - then) * 1000 + 0.5);
}

ctrack_last_data last_of(const Look& look) {
    if (!look.bytes_sent || !look.bytes_received)
        return look.bytes_sent       ? CTRACK_LAST_SENT
               : look.bytes_received ? CTRACK_LAST_RECEIVED
                                     : CTRACK_LAST_UNKNOWN;
    return look.sent > look.received ? CTRACK_LAST_SENT : CTRACK_LAST_RECEIVED;
}

ctrack_summary seen(const Look& look) {
    const unsigned next = look.kind == CTRACK_CLOSE ? unsigned{TCP_STATE_CLOSE} : look.state;
    ctrack_summary s =
        summary(look.kind, static_cast<std::uint64_t>(look.at * second), look.state, next);
    s.bytes_sent = look.bytes_sent;
    s.bytes_received = look.bytes_received;
    s.sent_ago_ms = ms_before(look.sent, look.at);
    s.received_ago_ms = ms_before(look.received, look.at);
    s.last_data = static_cast<__u8>(last_of(look));
    s.unacknowledged = look.unacknowledged;
    s.orphan = look.orphan;
    s.retrans_segs = look.retrans_segs;
    return s;
}

struct Seen {
    std::uint32_t for_peer_ms, for_local_ms;
    bool operator==(const Seen&) const = default;
};

// It begins with nothing sent or received, at 1 s.
Seen waits(std::initializer_list<Look> looks, double left_established = 0) {
    Waits result;
    ctrack_summary before = seen({.at = 1,
                                  .sent = 1,
                                  .received = 1,
                                  .bytes_sent = 0,
                                  .bytes_received = 0,
                                  .kind = CTRACK_CONNECT});
    for (const Look& look : looks) {
        const ctrack_summary now = seen(look);
        note_waits(result, &before, now, static_cast<std::uint64_t>(left_established * second));
        before = now;
    }
    return {result.for_peer_ms, result.for_local_ms};
}

constexpr unsigned answered = 100'000'000;

} // namespace

TEST_CASE("an answer that takes long is seen while it is waited for, and when it has come") {
    const Look waiting{.at = 3, .sent = 1.5, .received = 1, .bytes_received = 0};
    CHECK(waits({waiting}) == Seen{1500, 0});
    CHECK(waits({waiting, {.at = 6, .sent = 1.5, .received = 5}}) == Seen{3500, 1000});
}

TEST_CASE("a short connection tells the time to its answer") {
    CHECK(waits({{.at = 5, .sent = 1.5, .received = 5, .kind = CTRACK_CLOSE}}).for_peer_ms == 3500);
    CHECK(waits({{.at = 5, .sent = 5, .received = 1.5, .kind = CTRACK_CLOSE}}).for_local_ms ==
          3500);
}

TEST_CASE("what streams is no wait") {
    const Look begun{.at = 2, .sent = 1.1, .received = 2, .bytes_received = 1000};
    CHECK(waits({begun, {.at = 12, .sent = 1.1, .received = 12, .bytes_received = 2000}}) ==
          Seen{900, 0});
    CHECK(waits({{.at = 12, .sent = 1.1, .received = 12, .bytes_received = answered}}) ==
          Seen{0, 0});
    CHECK(waits({{.at = 12, .sent = 12, .received = 1.1, .bytes_sent = answered}}) == Seen{0, 0});
}

TEST_CASE("a long answer counts if its wait had been seen") {
    const Look waiting{.at = 3, .sent = 1.5, .received = 1, .bytes_received = 0};
    const Look came{.at = 4, .sent = 1.5, .received = 4, .bytes_received = answered};
    CHECK(waits({waiting, came}).for_peer_ms == 2500);
}

TEST_CASE("what the peer's host has not acknowledged is no wait for the peer's answer") {
    Look look{.at = 9, .sent = 2, .received = 1, .unacknowledged = true};
    CHECK(waits({look}).for_peer_ms == 0);
    look.unacknowledged = false;
    CHECK(waits({look}).for_peer_ms == 7000);
}

TEST_CASE("an answer that was sent again does not make this end slow") {
    const Look again{.at = 9, .sent = 8, .received = 1.1, .retrans_segs = 3};
    CHECK(waits({again}).for_local_ms == 0);
}

TEST_CASE("who gives up has waited until then") {
    const Look closed{.at = 60,
                      .sent = 1.5,
                      .received = 1,
                      .bytes_received = 0,
                      .kind = CTRACK_CLOSE,
                      .state = TCP_STATE_FIN_WAIT2};
    CHECK(waits({closed}, 4.5).for_peer_ms == 3000);
    Look orphan = closed;
    orphan.kind = CTRACK_CHECKPOINT;
    orphan.orphan = true;
    CHECK(waits({orphan}, 4.5).for_peer_ms == 3000);
    orphan.orphan = false; // shutdown(SHUT_WR): it still waits
    CHECK(waits({orphan}, 1.6).for_peer_ms == 58'500);
}

TEST_CASE("no data, no wait") {
    CHECK(waits({{.at = 9, .sent = 1, .received = 1, .bytes_sent = 0, .bytes_received = 0}}) ==
          Seen{0, 0});
}

TEST_CASE("a look without one before it tells only waits that go on") {
    Waits result;
    note_waits(result, nullptr, seen({.at = 9, .sent = 2, .received = 8}), 0);
    CHECK(result.for_peer_ms == 0);
    CHECK(result.for_local_ms == 1000);
}

TEST_CASE("an open connection waits for one end at most") {
    CHECK(waits_for(seen({.at = 9, .sent = 8, .received = 7})) == WaitsFor::peer);
    CHECK(waits_for(seen({.at = 9, .sent = 7, .received = 8})) == WaitsFor::local);
    CHECK(!waits_for(seen({.at = 9, .sent = 8, .received = 7, .unacknowledged = true})));
    CHECK(!waits_for(seen({.at = 9, .sent = 8, .received = 7, .state = TCP_STATE_CLOSE_WAIT})));
    CHECK(!waits_for(seen({.at = 9, .sent = 7, .received = 8, .state = TCP_STATE_FIN_WAIT2})));
    CHECK(!waits_for(
        seen({.at = 9, .sent = 8, .received = 7, .state = TCP_STATE_FIN_WAIT2, .orphan = true})));
}

TEST_CASE("a wait goes on while nothing happens") {
    const auto unmoved_until = [](const Look& look, double until) {
        Waits result;
        note_unmoved(result, seen(look), static_cast<std::uint64_t>(until * second));
        return Seen{result.for_peer_ms, result.for_local_ms};
    };
    CHECK(unmoved_until({.at = 9, .sent = 8, .received = 7}, 19) == Seen{11'000, 0});
    CHECK(unmoved_until({.at = 9, .sent = 7, .received = 8}, 19) == Seen{0, 11'000});
    CHECK(unmoved_until({.at = 9, .sent = 8, .received = 7, .orphan = true}, 19) == Seen{0, 0});
}
