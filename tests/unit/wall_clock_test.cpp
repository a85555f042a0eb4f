// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/wall_clock.h"

#include "recorder/fold/connection_table.h"
#include "schema/schema.h"
#include "tests/catch.h"
#include "tests/unit/sql.h"
#include "tests/unit/temporary_folder.h"
#include "tests/unit/writer_records.h"

using namespace ctrack;
using namespace ctrack::test;

TEST_CASE("wall clock: a step is seen, and told from an unsteady reading") {
    std::int64_t offset_us = 1'000'000'000;
    WallClock clock([&] { return offset_us; });
    CHECK(clock.step_us() == 0);
    offset_us += 9'999;
    CHECK(clock.step_us() == 0);
    offset_us = 1'000'000'000 - 3'600'000'000;
    CHECK(clock.step_us() == -3'600'000'000);
    offset_us -= 9'999; // the same step, read unsteadily
    CHECK(clock.step_us() == -3'600'000'000);
    CHECK(clock.offset_us() == 1'000'000'000);
    offset_us = 1'000'000'000; // and stepped back
    CHECK(clock.step_us() == 0);
}

TEST_CASE("wall clock: what is read here is the host's") {
    WallClock clock;
    CHECK(std::abs(clock.now_us() - clock_now_us(CLOCK_REALTIME)) < 1'000'000);
    CHECK(clock.step_us() == 0);
}

TEST_CASE("wall clock: stepped back an hour amid a connection, its times stay true") {
    const TemporaryFolder folder;
    std::int64_t offset_us = 3'600'000'000;
    WallClock clock([&] { return offset_us; });
    Writer writer(folder / "a.db", info);
    ConnectionTable table({.connection = 1, .listener = 1}, clock.offset_us());
    const auto commit = [&](std::int64_t boottime_us) {
        Batch batch = table.take();
        batch.clock_step_us = clock.step_us();
        write(writer, batch, boottime_us + clock.offset_us());
    };
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    commit(2'000);
    offset_us -= 3'600'000'000;
    table.apply(event(CTRACK_ESTABLISHED, 3'000'000, TCP_STATE_SYN_SENT, TCP_STATE_ESTABLISHED));
    table.apply(summary(CTRACK_CLOSE, 6'000'000, TCP_STATE_LAST_ACK, TCP_STATE_CLOSE));
    commit(7'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT opened_us, closed_us, duration_us FROM connection_log") ==
          Rows{{"3600001000", "3600006000", "5000"}});
    CHECK(rows(db, "SELECT time_us FROM events ORDER BY id") ==
          Rows{{"3600001000"}, {"3600003000"}, {"3600006000"}});
    CHECK(rows(db, "SELECT clock_step_us FROM batches ORDER BY id") ==
          Rows{{"0"}, {"-3600000000"}});
}
