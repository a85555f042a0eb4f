// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/decode.h"

#include <array>

#include "tests/catch.h"
#include "tests/unit/records.h"

using namespace ctrack;
using namespace ctrack::test;

TEST_CASE("decode: every kind comes back as its own record") {
    for (const auto kind : {CTRACK_ESTABLISHED, CTRACK_STATE, CTRACK_RETRANSMIT, CTRACK_RTO,
                            CTRACK_RESET, CTRACK_RETRANSMIT_FAILED, CTRACK_UNMOVED}) {
        const auto record = decode_lifecycle(bytes_of(event(kind, 5, 1, 4, 3)));
        REQUIRE(record);
        CHECK(std::get<ctrack_event>(*record).value == 3);
    }
    for (const auto kind : {CTRACK_CONNECT, CTRACK_ACCEPT, CTRACK_CLOSE, CTRACK_CHECKPOINT,
                            CTRACK_PREEXISTING, CTRACK_LISTENER}) {
        const auto record = decode_lifecycle(bytes_of(summary(kind, 5, 7, 2)));
        REQUIRE(record);
        CHECK(std::get<ctrack_summary>(*record).peer_port == 80);
    }
    CHECK(decode_rtt(bytes_of(rtt(5, 123)))->rtt_us == 123);
    ctrack_process process{};
    process.event.kind = CTRACK_PROCESS;
    process.owner.pid = 9;
    process.arguments_bytes = CTRACK_ARGUMENTS_BYTES;
    REQUIRE(decode_lifecycle(bytes_of(process)));
    process.arguments_bytes++;
    CHECK_FALSE(decode_lifecycle(bytes_of(process)));
}

TEST_CASE("decode: a size that does not fit the kind is rejected") {
    const auto close = summary(CTRACK_CLOSE, 5, 1, 7);
    const auto bytes = bytes_of(close);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(decode_lifecycle(bytes.first(size)));
    std::array<std::byte, sizeof(ctrack_summary) + 8> longer{};
    std::memcpy(longer.data(), &close, sizeof close);
    CHECK_FALSE(decode_lifecycle(longer));
    CHECK_FALSE(decode_lifecycle(bytes_of(event(CTRACK_CLOSE, 5, 1, 7))));
    CHECK_FALSE(decode_rtt(bytes));
    CHECK_FALSE(decode_rtt(bytes_of(rtt(5, 1)).first(31)));
}

TEST_CASE("decode: values out of their range are rejected") {
    CHECK_FALSE(decode_lifecycle(bytes_of(event(0, 5, 1, 4))));
    CHECK_FALSE(decode_lifecycle(bytes_of(event(200, 5, 1, 4))));
    CHECK_FALSE(decode_lifecycle(bytes_of(event(CTRACK_STATE, 5, 0, 4))));
    CHECK_FALSE(decode_lifecycle(bytes_of(event(CTRACK_STATE, 5, 1, 13))));
    CHECK_FALSE(decode_lifecycle(bytes_of(event(CTRACK_STATE, 5, 1, 4, 0, 0))));

    auto no_generation = event(CTRACK_STATE, 5, 1, 4);
    no_generation.generation = 0;
    CHECK_FALSE(decode_lifecycle(bytes_of(no_generation)));

    auto attempt = summary(CTRACK_ATTEMPT, 5, 7, 7, 101);
    CHECK_FALSE(decode_lifecycle(bytes_of(attempt)));
    attempt.event.generation = 0;
    CHECK(decode_lifecycle(bytes_of(attempt)));

    auto bad_direction = summary(CTRACK_CLOSE, 5, 1, 7);
    bad_direction.direction = 3;
    CHECK_FALSE(decode_lifecycle(bytes_of(bad_direction)));

    auto bad_source = rtt(5, 1);
    bad_source.source = 0;
    CHECK_FALSE(decode_rtt(bytes_of(bad_source)));
}
