// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/retention_plan.h"

#include "tests/catch.h"

using namespace ctrack;

namespace {

constexpr std::int64_t mebibyte = 1 << 20;

} // namespace

TEST_CASE("retention plan: a quarter for the log, and enough for the largest batch") {
    for (const std::int64_t max_bytes : {64 * mebibyte, 2048 * mebibyte, mebibyte}) {
        const SizeBudget budget = divide(max_bytes);
        CHECK(budget.file_bytes + budget.log_bytes == max_bytes);
        CHECK(budget.log_free_bytes > 0);
        CHECK(budget.log_free_bytes < budget.log_bytes);
    }
    CHECK(divide(2048 * mebibyte).log_bytes == 512 * mebibyte);
    CHECK(divide(64 * mebibyte).log_bytes == 32 * mebibyte);
    CHECK(divide(64 * mebibyte).log_free_bytes == 24 * mebibyte);
}

TEST_CASE("retention plan: who exceeds its share most goes first") {
    using enum DataKind;
    CHECK(most_exceeding({35, 15, 21, 8, 14, 5}, 100) ==
          std::array{rest, rtt_samples, events, traffic, intervals, minutes});
    CHECK(most_exceeding({20, 24, 28, 20, 15, 10}, 100) ==
          std::array{traffic, events, rest, minutes, intervals, rtt_samples});
    CHECK(most_exceeding({99, 1, 0, 0, 0, 0}, 100)[0] == rtt_samples);
    CHECK(most_exceeding({0, 0, 0, 0, 20, 0}, 100)[0] == intervals);
    CHECK(most_exceeding({0, 0, 0, 0, 0, 9}, 100)[0] == minutes);
}

TEST_CASE("retention plan: what a batch may take grows with all that is in it") {
    Batch batch;
    std::int64_t bytes = most_bytes_of(batch);
    const auto grew = [&] { return std::exchange(bytes, most_bytes_of(batch)) < bytes; };
    batch.events.resize(10);
    CHECK(grew());
    batch.rtt_samples.resize(10);
    CHECK(grew());
    batch.intervals.resize(10);
    CHECK(grew());
    batch.minute_rtts.resize(1);
    CHECK(grew());
    batch.minute_rtts[0].rtts.add(7);
    CHECK(grew());
    batch.connections.resize(10);
    CHECK(grew());
    batch.listeners.resize(10);
    CHECK(grew());
    batch.processes = {{{}, "/exe", std::string(4000, 'x'), 0, 1}};
    CHECK(grew());
    batch.cgroups = {{1, "/path"}};
    CHECK(grew());
}

TEST_CASE("retention plan: times count only within a recording") {
    const Moment moment{3, 100};
    CHECK(Moment{2, 500} < moment);
    CHECK(Moment{3, 99} < moment);
    CHECK_FALSE(Moment{3, 100} < moment);
    CHECK_FALSE(Moment{4, 1} < moment);
}
