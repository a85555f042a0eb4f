// SPDX-License-Identifier: Apache-2.0
#include "recorder/messages.h"

#include <chrono>
#include <string>
#include <vector>

#include "tests/catch.h"

namespace ctrack::test {

using namespace std::chrono_literals;

TEST_CASE("messages: a loss names its causes, in words and for programs") {
    const Message message = lost_message({.lifecycle_ring = 1204, .sample_ring = 12});
    CHECK(message.text ==
          "lost 1,204 events (lifecycle ring full), 12 RTT samples (sample ring full)");
    CHECK(message.fields == std::vector<std::string>{"CTRACK_LOST_LIFECYCLE_RING=1204",
                                                     "CTRACK_LOST_SAMPLE_RING=12"});
    CHECK(message.priority == Priority::warning);
    CHECK(message.id.size() == 32);
}

TEST_CASE("messages: a loss is told at once, what follows once a minute") {
    const LossNews::Time start = std::chrono::steady_clock::now();
    LossNews news;
    news.add({});
    CHECK_FALSE(news.due(start));

    news.add({.sample_ring = 3});
    CHECK(news.due(start)->text == "lost 3 RTT samples (sample ring full)");
    CHECK_FALSE(news.due(start));

    news.add({.sample_ring = 4});
    news.add({.sample_ring = 5});
    CHECK_FALSE(news.due(start + 59s));
    news.add({});
    CHECK(news.due(start + 60s)->text == "lost 9 RTT samples (sample ring full)");
    CHECK_FALSE(news.due(start + 2min));
}

TEST_CASE("messages: network namespaces that could not be entered have a message of their own") {
    LossNews news;
    news.add({.netns = 2});
    CHECK_FALSE(news.due(std::chrono::steady_clock::now()));
    CHECK(netns_lost_message(2, true).fields == std::vector<std::string>{"CTRACK_LOST_NETNS=2"});
}

} // namespace ctrack::test
