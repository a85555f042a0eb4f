// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sums/left_open.h"

#include <algorithm>

#include <SQLiteCpp/Statement.h>

#include "recorder/store/sums/recent_traffic.h"

namespace ctrack {

namespace {

// After so long a recording has met every connection that was open when it began.
constexpr std::int64_t adoption_us = 60'000'000;

constexpr const char* find_left_open = R"sql(
SELECT c.cookie, c.peer_address, c.bytes_sent, c.bytes_received, c.retrans_segs, max(c.id)
FROM long_connections l CROSS JOIN connections c ON c.id = l.connection_id
JOIN recordings r ON r.id = c.recording_id
WHERE l.closed_us IS NULL AND r.boot_id = ? GROUP BY c.cookie ORDER BY c.cookie)sql";

} // namespace

LeftOpen::LeftOpen(SQLite::Database& db, const std::string& boot_id) {
    SQLite::Statement rows(db, find_left_open);
    rows.bind(1, boot_id);
    const auto number = [&rows](int column) { return rows.getColumn(column).getInt64(); };
    while (rows.executeStep())
        rows_.push_back({number(0), peer_address_from(rows.getColumn(1).getString()), number(2),
                         number(3), number(4)});
}

const LeftOpen::Row* LeftOpen::find(std::int64_t cookie) const {
    const auto row = std::ranges::lower_bound(rows_, cookie, {}, &Row::cookie);
    return row != rows_.end() && row->cookie == cookie ? &*row : nullptr;
}

void LeftOpen::forget_when_met(std::int64_t committed_us) {
    if (met_us_ == 0)
        met_us_ = committed_us + adoption_us;
    if (committed_us > met_us_)
        rows_ = {};
}

} // namespace ctrack
