// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/minute_rtts.h"

#include <string>

#include "recorder/fold/connection_table.h"
#include "tests/catch.h"
#include "tests/unit/records.h"

using namespace ctrack;
using namespace ctrack::test;

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;

ctrack_rtt sample(std::uint64_t cookie, std::uint64_t time_ns, std::uint32_t rtt_us) {
    ctrack_rtt s{};
    s.cookie = cookie;
    s.generation = 1;
    s.time_ns = time_ns;
    s.rtt_us = s.srtt_us = rtt_us;
    s.state = TCP_STATE_ESTABLISHED;
    return s;
}

ctrack_summary opened(std::uint64_t cookie, const char* comm, std::uint64_t time_ns = 1'000'000) {
    auto s = summary(CTRACK_CONNECT, time_ns, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT, 0, cookie);
    std::strcpy(s.owner.comm, comm);
    return s;
}

/// As "curl 0: 3", with how many samples of how many minutes after the first.
std::vector<std::string> told(const Batch& batch) {
    std::vector<std::string> texts;
    for (const auto& [key, rtts] : batch.minute_rtts)
        texts.push_back(std::string(key.comm.data()) + " " +
                        std::to_string(key.begin_us / minute_us) + ": " +
                        std::to_string(rtts.samples));
    return texts;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("buckets: their middle is at most 3.2 % off, and none is left out") {
    for (std::size_t bucket = 0; bucket < rtt_buckets; ++bucket) {
        const std::int64_t first = shortest_in_rtt_bucket(bucket);
        const std::int64_t last = shortest_in_rtt_bucket(bucket + 1) - 1;
        CHECK(rtt_bucket(static_cast<std::uint32_t>(first)) == bucket);
        CHECK(rtt_bucket(static_cast<std::uint32_t>(last)) == bucket);
        const auto middle = static_cast<double>(middle_of_rtt_bucket(bucket));
        CHECK(middle - static_cast<double>(first) <= 0.032 * static_cast<double>(first));
        CHECK(static_cast<double>(last) - middle <= 0.032 * static_cast<double>(last));
    }
    CHECK(shortest_in_rtt_bucket(0) == 0);
    CHECK(shortest_in_rtt_bucket(rtt_buckets) == std::int64_t{1} << 32);
}

TEST_CASE("tally: samples are counted by the minute of each, and by owner") {
    ConnectionTable table({.connection = 1, .listener = 1}, 0);
    table.apply(opened(7, "curl"));
    table.apply(opened(8, "wget"));
    table.apply(sample(7, 59 * second_ns, 100));
    table.apply(sample(8, 59 * second_ns, 200));
    table.apply(sample(7, 60 * second_ns, 300));
    table.apply(sample(7, 58 * second_ns, 400)); // another CPU's, read later
    const Batch batch = table.take();
    CHECK(told(batch) == Texts{"curl 0: 2", "wget 0: 1", "curl 1: 1"});
    CHECK(batch.minute_rtts[0].key.service_port == 80);
    CHECK(batch.minute_rtts[0].key.direction == CTRACK_ACTIVE);
    CHECK(batch.minute_rtts[0].rtts.sum_us == 500);
    CHECK(batch.minute_rtts[0].rtts.min_us == 100);
    CHECK(batch.minute_rtts[0].rtts.max_us == 400);
    CHECK(batch.minute_rtts[0].rtts.buckets[rtt_bucket(400)] == 1);
    CHECK(table.take().minute_rtts.empty());
}

TEST_CASE("tally: the owner may be told after the samples") {
    ConnectionTable table({.connection = 1, .listener = 1}, 0);
    table.apply(sample(7, second_ns, 100));
    table.apply(opened(7, "curl"));
    CHECK(told(table.take()) == Texts{"curl 0: 1"});
    table.apply(sample(9, second_ns, 100)); // its owner is not told yet
    table.apply(sample(7, second_ns, 100));
    CHECK(told(table.take()) == Texts{" 0: 1", "curl 0: 1"});
}

TEST_CASE("tally: a sample of a state other than ESTABLISHED counts with its length") {
    ConnectionTable table({.connection = 1, .listener = 1}, 0);
    table.apply(opened(7, "curl"));
    auto last = sample(7, second_ns, 40'000);
    last.state = TCP_STATE_FIN_WAIT1;
    table.apply(last);
    CHECK(table.take().minute_rtts.at(0).rtts.max_us == 40'000);
}

TEST_CASE("tally: too many programs in a batch are counted for nobody") {
    ConnectionTable table({.connection = 1, .listener = 1}, 0);
    for (std::uint64_t i = 0; i < SampleTally::max_keys + 10; ++i) {
        table.apply(opened(i + 1, ("p" + std::to_string(i)).c_str()));
        table.apply(sample(i + 1, second_ns, 100));
    }
    const auto texts = told(table.take());
    CHECK(texts.size() == SampleTally::max_keys + 1);
    CHECK(texts.back() == " 0: 10");
}
