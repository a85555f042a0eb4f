// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/left_off.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include <SQLiteCpp/Statement.h>

#include "recorder/fold/address_text.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr const char* left_open = R"sql(
SELECT c.bytes_sent, c.bytes_received, c.segs_sent, c.segs_received, c.retrans_segs,
       c.busy_us / 1000, c.rwnd_limited_us / 1000, c.sndbuf_limited_us / 1000,
       c.id, c.cookie, c.peer_address, c.counters_us, r.id,
       iif(r.end_kind = 'stopped', max(r.ended_us, c.counters_us), NULL), now.clock_offset_us - r.clock_offset_us
FROM main.long_connections l CROSS JOIN main.connections c ON c.id = l.connection_id
JOIN main.recordings r ON r.id = c.recording_id JOIN main.recordings now ON now.id = ?2
WHERE l.closed_us IS NULL AND r.boot_id = ?1 AND r.id <> now.id
  AND c.counters_us IS NOT NULL AND c.peer_address IS NOT NULL
ORDER BY c.id DESC LIMIT 262144)sql";

// Those of a recording that was killed. A row is brought up to date some ten seconds and a few
// batches after an interval. This is more of both.
constexpr const char* newest_intervals = R"sql(
SELECT p.connection_id, p.bytes_sent, p.bytes_received, p.segs, p.held_up, b.intervals_until_us
FROM main.recordings r
CROSS JOIN main.batches b ON b.recording_id = r.id AND b.first_interval_id IS NOT NULL
  AND b.intervals_until_us
    BETWEEN r.ended_us - 6 * r.heartbeat_interval_us AND r.ended_us + 1000000
CROSS JOIN main.packed_intervals p ON p.id BETWEEN b.first_interval_id AND b.last_interval_id
WHERE r.id = ?)sql";

// The first eight columns of left_open.
Counters counters_in(SQLite::Statement& row) {
    const auto number = [&row](int column) { return row.getColumn(column).getInt64(); };
    const auto small = [&](int column) { return static_cast<std::uint32_t>(number(column)); };
    return {static_cast<std::uint64_t>(number(0)),
            static_cast<std::uint64_t>(number(1)),
            small(2),
            small(3),
            small(4),
            small(5),
            small(6),
            small(7)};
}

// The first five columns of newest_intervals.
IntervalRow interval_in(SQLite::Statement& row) {
    const auto number = [&row](int column) { return row.getColumn(column).getInt64(); };
    return {number(0), number(1), number(2), number(3), number(4)};
}

// What is found out of the connections while the file is read.
struct Finder {
    struct Row {
        LeftOff* left_off;
        std::int64_t counters_us, recording_id;
    };
    LeftOffs all;
    std::unordered_map<std::int64_t, Row> rows;                ///< of killed recorders, by id
    std::unordered_map<std::int64_t, std::int64_t> until_us{}; ///< of their recordings, by id

    void reach(std::int64_t recording_id, std::int64_t time_us) {
        auto& until = until_us[recording_id];
        until = std::max(until, time_us);
    }

    // The newest row of a socket counts. Each recording has its own offset from the kernel's clock,
    // and what this one is told is in its own time.
    void take_row(SQLite::Statement& row) {
        const auto cookie = static_cast<std::uint64_t>(row.getColumn(9).getInt64());
        const auto [left_off, is_new] =
            all.try_emplace(cookie, LeftOff{address_from(row.getColumn(10).getString()),
                                            counters_in(row), row.getColumn(13).getInt64()});
        if (!is_new)
            return;
        left_off->second.until_us += row.getColumn(14).getInt64();
        if (!row.getColumn(13).isNull())
            return;
        const Row known{&left_off->second, row.getColumn(11).getInt64(),
                        row.getColumn(12).getInt64()};
        rows[row.getColumn(8).getInt64()] = known;
        reach(known.recording_id, known.counters_us);
    }

    // Whatever ends later than its row's counters is not in them.
    void take_interval(const IntervalRow& interval, std::int64_t time_us,
                       std::int64_t& recorded_until_us) {
        recorded_until_us = std::max(recorded_until_us, time_us);
        const auto row = rows.find(interval.connection_id);
        if (row != rows.end() && time_us > row->second.counters_us)
            row->second.left_off->counters += moved_in(interval);
    }
};

} // namespace

LeftOffs read_left_off(SQLite::Database& db, const std::string& boot_id,
                       std::int64_t recording_id) {
    Finder finder;
    SQLite::Statement rows(db, left_open);
    bind_all(rows, boot_id, recording_id);
    while (rows.executeStep())
        finder.take_row(rows);
    SQLite::Statement intervals(db, newest_intervals);
    for (auto& [id, until_us] : finder.until_us) {
        bind_all(intervals, id);
        while (intervals.executeStep())
            finder.take_interval(interval_in(intervals), intervals.getColumn(5).getInt64(),
                                 until_us);
    }
    for (const auto& [id, row] : finder.rows)
        row.left_off->until_us += finder.until_us[row.recording_id];
    return std::move(finder.all);
}

} // namespace ctrack
