// SPDX-License-Identifier: Apache-2.0
//
// What a writer is given, for tests.
#pragma once

#include <utility>
#include <vector>

#include "recorder/store/writer.h"
#include "tests/catch.h"
#include "tests/unit/records.h"

namespace ctrack::test {

inline const RecordingInfo info{.host = {"host-id", "host", "boot", "6.1.0"},
                                .version = "1.2.3",
                                .cgroup_path = "/sys/fs/cgroup",
                                .rtt_mode = "every",
                                .adoption = "callbacks",
                                .connect_errors = "tracepoint",
                                .options = "db=x\n",
                                .clock_offset_us = 1'000'000,
                                .started_us = 5'000'000,
                                .heartbeat_interval_us = 10'000'000};

inline ConnectionRow open_row(std::int64_t id) {
    ConnectionRow row{};
    row.id = id;
    row.has_summary = true;
    row.opened_us = 6'000'000;
    row.summary = summary(CTRACK_CONNECT, 1, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT);
    row.summary.cgroup_id = 9;
    return row;
}

inline ConnectionRow closed_row(std::int64_t id) {
    ConnectionRow row = open_row(id);
    row.established_us = 6'000'100;
    row.closed_us = 6'500'000;
    row.ending = {Outcome::closed, ClosedBy::peer};
    row.summary.rtt_samples = 2;
    row.summary.rtt_sum_us = 25;
    row.summary.rtt_min_us = 10;
    row.summary.rtt_max_us = 15;
    row.summary.bytes_sent = 5'000'000'000;
    row.summary.rate_delivered = 10;
    row.summary.rate_interval_us = 1000;
    return row;
}

inline void write(Writer& writer, const Batch& batch, std::int64_t committed_us) {
    REQUIRE(writer.begin());
    writer.write(batch, committed_us);
}

inline Batch batch_with(std::vector<ConnectionRow> rows) {
    Batch batch;
    batch.connections = std::move(rows);
    return batch;
}

} // namespace ctrack::test
