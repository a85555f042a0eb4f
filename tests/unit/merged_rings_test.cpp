// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/merged_rings.h"

#include <array>
#include <vector>

#include "tests/catch.h"

#include "tests/unit/samples.h"

using namespace ctrack;

namespace {

// Rings, and the times of the samples that came out of them.
struct TwoRings {
    std::array<SampleProgram, 2> programs;
    std::vector<std::uint64_t> times{};
    std::size_t most = 100;
    MergedRings<SampleReader> rings{
        {SampleReader(programs[0].memory()), SampleReader(programs[1].memory())}};

    bool drain() {
        return rings.drain([this](auto record) {
            times.push_back(time_in(record));
            return times.size() < most;
        });
    }
};

using Times = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("merged rings: by their times, those of a ring in their order") {
    TwoRings two;
    for (const std::uint64_t time : {1, 4, 3, 8})
        two.programs[0].write(time);
    for (const std::uint64_t time : {2, 5, 9})
        two.programs[1].write(time);
    CHECK(two.drain());
    CHECK(two.times == Times{1, 2, 4, 3, 5, 8, 9});
    CHECK(two.drain());
    CHECK(two.times.size() == 7);
    CHECK(two.programs[0].released() == 4);
    CHECK(two.programs[1].released() == 3);
}

TEST_CASE("merged rings: the handler stops a drain, and the next goes on") {
    TwoRings two;
    two.most = 2;
    for (const std::uint64_t time : {1, 3, 5})
        two.programs[0].write(time);
    two.programs[1].write(2);
    CHECK_FALSE(two.drain());
    CHECK(two.times == Times{1, 2});
    two.most = 100;
    CHECK(two.drain());
    CHECK(two.times == Times{1, 2, 3, 5});
}

TEST_CASE("merged rings: past the mark when all that was written before it has been read") {
    TwoRings two;
    CHECK(two.rings.is_past_mark());
    two.programs[1].write(1);
    const auto unfinished = two.programs[0].claim();
    two.rings.mark();
    CHECK_FALSE(two.rings.is_past_mark());
    two.drain();
    CHECK(two.times == Times{1});
    CHECK_FALSE(two.rings.is_past_mark());
    two.programs[0].fill(unfinished, 2);
    two.programs[1].write(3);
    two.drain();
    CHECK(two.rings.is_past_mark());
    two.programs[0].write(4);
    CHECK(two.rings.is_past_mark()); // written after it
}
