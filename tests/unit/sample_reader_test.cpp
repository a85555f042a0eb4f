// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/ring_reader.h"

#include "tests/catch.h"

#include "tests/unit/samples.h"

using namespace ctrack;

TEST_CASE("samples: in their order, as many as were there") {
    SampleProgram program;
    SampleReader reader(program.memory());
    reader.look();
    CHECK(reader.front().empty());
    program.write(1);
    program.write(2);
    CHECK(reader.front().empty()); // not looked
    reader.look();
    program.write(3);
    CHECK(time_in(reader.front()) == 1);
    CHECK(time_in(reader.front()) == 1);
    reader.pop();
    CHECK(time_in(reader.front()) == 2);
    reader.pop();
    CHECK(reader.front().empty());
    CHECK(reader.read() < reader.written());
    reader.look();
    CHECK(time_in(reader.front()) == 3);
}

TEST_CASE("samples: what is being written is waited for") {
    SampleProgram program;
    SampleReader reader(program.memory());
    const auto first = program.claim();
    program.write(2);
    reader.look();
    CHECK(reader.front().empty());
    CHECK(reader.read() == first);
    program.fill(first, 1);
    CHECK(time_in(reader.front()) == 1);
    reader.pop();
    CHECK(time_in(reader.front()) == 2);
}

TEST_CASE("samples: what a place held a lap ago is not taken for new") {
    SampleProgram program;
    SampleReader reader(program.memory());
    for (std::uint64_t time = 1; time <= SampleProgram::capacity; ++time)
        program.write(time);
    REQUIRE(program.is_full());
    reader.look();
    for (std::uint64_t time = 1; time <= SampleProgram::capacity; ++time, reader.pop())
        REQUIRE(time_in(reader.front()) == time);
    CHECK_FALSE(program.is_full());
    const auto next = program.claim();
    reader.look();
    CHECK(reader.front().empty());
    program.fill(next, 100);
    CHECK(time_in(reader.front()) == 100);
}

// The lap has 16 bits, and begins anew.
TEST_CASE("samples: goes round, lap after lap, and gives room back") {
    SampleProgram program;
    SampleReader reader(program.memory());
    const std::uint64_t many = 3 * (SampleProgram::capacity << 16) / 2;
    for (std::uint64_t time = 1; time <= many; ++time) {
        program.write(time);
        reader.look();
        if (time_in(reader.front()) != time)
            FAIL("at " << time);
        reader.pop();
        reader.release();
    }
    CHECK(program.released() == many);
    CHECK(reader.front().empty());
}

TEST_CASE("samples: much that is read is given back at once, little is not") {
    SampleProgram program;
    SampleReader reader(program.memory());
    for (std::uint64_t time = 1; time <= SampleProgram::capacity / 16; ++time) {
        program.write(time);
        CHECK(program.released() == 0);
        reader.look();
        reader.pop();
    }
    CHECK(program.released() == SampleProgram::capacity / 16);
    program.write(100);
    reader.look();
    reader.pop();
    CHECK(program.released() == SampleProgram::capacity / 16);
    reader.release();
    CHECK(program.released() == SampleProgram::capacity / 16 + 1);
}
