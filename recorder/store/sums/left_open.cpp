// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sums/left_open.h"

#include <algorithm>

#include <SQLiteCpp/Statement.h>

namespace ctrack {

namespace {

// After so long a recording has met every connection that was open when it began.
constexpr std::int64_t adoption_us = 60'000'000;

constexpr const char* find_left_open = R"sql(
SELECT c.cookie, max(c.id)
FROM long_connections l CROSS JOIN connections c ON c.id = l.connection_id
JOIN recordings r ON r.id = c.recording_id
WHERE l.closed_us IS NULL AND r.boot_id = ? GROUP BY c.cookie ORDER BY c.cookie)sql";

} // namespace

LeftOpen::LeftOpen(SQLite::Database& db, const std::string& boot_id) {
    SQLite::Statement rows(db, find_left_open);
    rows.bind(1, boot_id);
    while (rows.executeStep())
        rows_.emplace_back(rows.getColumn(0).getInt64(), rows.getColumn(1).getInt64());
}

std::optional<std::int64_t> LeftOpen::id_of(std::int64_t cookie) const {
    const auto row = std::ranges::lower_bound(rows_, cookie, {}, &CookieAndId::first);
    return row != rows_.end() && row->first == cookie ? std::optional(row->second) : std::nullopt;
}

void LeftOpen::forget_when_met(std::int64_t committed_us) {
    if (met_us_ == 0)
        met_us_ = committed_us + adoption_us;
    if (committed_us > met_us_)
        rows_ = {};
}

} // namespace ctrack
