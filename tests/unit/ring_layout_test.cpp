// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/ring_layout.h"

#include "tests/catch.h"

#include "bpf/ctrack_event.h"

using namespace ctrack;

TEST_CASE("ring layout: the defaults hold two seconds of 30,000 connections each") {
    CHECK(default_lifecycle_bytes == 64 << 20);
    CHECK(default_sample_bytes == 16 << 20);
}

TEST_CASE("ring layout: rather few large rings than many small ones") {
    struct Case {
        std::uint64_t bytes, rings, bytes_of_one;
    };
    for (const auto& [bytes, rings, bytes_of_one] :
         {Case{4096, 1, 4096}, Case{4 << 20, 1, 4 << 20}, Case{9 << 20, 4, 4 << 20},
          Case{64 << 20, CTRACK_MAX_RINGS, 8 << 20}, Case{1 << 30, CTRACK_MAX_RINGS, 128 << 20}}) {
        CAPTURE(bytes);
        const RingLayout layout = lay_out_lifecycle_rings(bytes);
        CHECK(layout.rings == rings);
        CHECK(layout.bytes_of_one == bytes_of_one);
    }
}

TEST_CASE("ring layout: a ring wakes the recorder at a quarter, and at 256 KiB at the latest") {
    CHECK(wakeup_bytes({8, 8 << 20}, {2, 8 << 20}) == 256 << 10);
    CHECK(wakeup_bytes({1, 4096}, {2, 8 << 20}) == 1024);
    CHECK(wakeup_bytes({8, 8 << 20}, {1, 4096}) == 1024);
}
