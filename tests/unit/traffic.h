// SPDX-License-Identifier: Apache-2.0
//
// Batches as a busy host would make them, for tests.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "recorder/fold/batch.h"
#include "tests/unit/records.h"

namespace ctrack::test {

inline constexpr std::int64_t second_us = 1'000'000;

/// Of a host whose connections last for one batch each, but every 50th for 30 and every 1000th for
/// ever; one in 70 is lost. A second passes with each batch. Every owner is new, and gone.
class Traffic {
public:
    explicit Traffic(std::int64_t first_id) : next_id_(first_id) {}

    Batch next(int connections, int samples_of_each, int events_of_each = 4) {
        Batch batch;
        now_us_ += second_us;
        for (int i = 0; i < connections; ++i)
            add(batch, next_id_++, samples_of_each, events_of_each);
        for (; !open_.empty() && open_.front().second <= now_us_; open_.erase(open_.begin()))
            end(batch, open_.front().first);
        std::ranges::sort(batch.connections, {}, &ConnectionRow::id);
        for (const auto& [row, end_us] : open_)
            batch.intervals.push_back({row.id, 1'000'000, 20'000, -1 - (700 << 12 | 350), 0});
        batch.intervals_from_us = now_us_ - second_us;
        batch.intervals_until_us = now_us_;
        return batch;
    }

    std::int64_t now_us() const { return now_us_; }
    std::int64_t last_id() const { return next_id_ - 1; }

private:
    void add(Batch& batch, std::int64_t id, int samples, int events) {
        ConnectionRow row{};
        row.id = id;
        row.has_summary = true;
        row.opened_us = now_us_ - 1000;
        row.summary = summary(CTRACK_CONNECT, 1, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT);
        row.summary.owner.pid = static_cast<std::uint32_t>(1'000'000'000 + id);
        row.summary.cgroup_id = 1'000'000'000 + static_cast<std::uint64_t>(id / 100);
        for (int i = 0; i < samples; ++i)
            batch.rtt_samples.push_back(RttRow::of(id, now_us_ - 900 + i % 800, 100 + i, 100, 1));
        for (int i = 0; i < events; ++i)
            batch.events.push_back(EventRow{id, now_us_ - 900 + i % 800, CTRACK_STATE, 1, 4, 0});
        batch.processes.push_back({row.summary.owner, "/usr/bin/curl", "curl http://x/", 0, 1});
        if (id % 50 == 0) {
            batch.connections.push_back(row);
            if (id % 1000 != 0)
                open_.emplace_back(row, now_us_ + 30 * second_us);
        } else {
            end(batch, row);
        }
    }

    void end(Batch& batch, ConnectionRow row) const {
        row.ending = {Outcome::closed, ClosedBy::peer};
        if (row.id % 70 == 0)
            row.ending = {Outcome::lost, {}};
        else
            row.closed_us = now_us_ - 50;
        batch.events.push_back(EventRow{row.id, now_us_ - 50, CTRACK_CLOSE, 4, 7, 0});
        batch.connections.push_back(row);
    }

    std::int64_t next_id_;
    std::int64_t now_us_ = 1'700'000'000 * second_us;
    std::vector<std::pair<ConnectionRow, std::int64_t>> open_; ///< and until when
};

} // namespace ctrack::test
