// SPDX-License-Identifier: Apache-2.0
#include "query/report/from_minutes.h"

#include <algorithm>
#include <variant>

#include "query/sql/all_rows.h"
#include "query/sql/sql_text.h"

namespace ctrack::query {

namespace {

constexpr std::int64_t minute_us = 60'000'000;
constexpr std::int64_t most_intervals = 20; // as in the report rate

bool has_minutes(const Report& report, Database& database) {
    return !report.minutes.shared.empty() || (report.minutes.main && database.hosts() == 1);
}

// Minutes cannot be divided. A short recording has shorter intervals.
bool are_short_enough(const std::optional<std::int64_t>& interval_us, Database& database) {
    if (interval_us)
        return *interval_us % minute_us == 0;
    const auto recorded = database.recorded();
    return recorded && recorded->end_us - recorded->begin_us > most_intervals * minute_us;
}

bool has_intervals(const Report& report) {
    return std::ranges::any_of(report.shared, [](const SharedRows& shared) {
        return shared.sql.find(":interval_us") != std::string::npos;
    });
}

// A report with intervals tells when bytes moved.
bool are_rows_many_or_gone(const Report& report, Database& database) {
    const auto row = all_rows(database, sql_text("minutes_or_rows")).at(0);
    return row[has_intervals(report) ? 1 : 0] == Value(std::int64_t{1});
}

} // namespace

bool asks_for_all(const Options& options, bool is_filtered, Database& database) {
    return !options.begin && !options.end && !options.at && !options.last && !is_filtered &&
           !database.is_part();
}

bool take_minutes(Report& report, const Options& options,
                  const std::optional<std::int64_t>& interval_us, bool is_filtered,
                  Database& database) {
    if (!has_minutes(report, database) || !asks_for_all(options, is_filtered, database) ||
        (has_intervals(report) && !are_short_enough(interval_us, database)) ||
        !are_rows_many_or_gone(report, database))
        return false;
    for (const SharedRows& of_minutes : report.minutes.shared)
        for (SharedRows& shared : report.shared)
            if (shared.table == of_minutes.table)
                shared.sql = of_minutes.sql;
    if (report.minutes.main)
        report.main.sql = *report.minutes.main;
    return true;
}

} // namespace ctrack::query
