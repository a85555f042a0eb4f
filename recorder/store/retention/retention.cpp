// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/retention.h"

#include <algorithm>

#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

// One step deletes some 128 KiB and takes a few milliseconds.
constexpr std::int64_t step_rows = 4096;
constexpr std::int64_t step_looks = 512;
// What a commit may delete and look at beyond an amount that depends on its batch.
constexpr std::int64_t extra_rows = 32'768;
constexpr std::int64_t extra_looks = 8192;
constexpr std::int64_t owner_looks = 2048;
// A sweep looks again at all connections that are still open, so it must have enough to delete.
constexpr std::int64_t least_between_sweeps = 1024;
// Bytes of a row in the file. The numbers are rather too large, because the remainder of the file
// counts as connections, which are to outlive samples and events. A sample takes two bytes less
// until 2034 (see rtt_row.h).
constexpr std::int64_t sample_bytes = 27;
constexpr std::int64_t event_bytes = 30;
constexpr std::int64_t interval_bytes = 26;
constexpr std::int64_t traffic_bytes = 90;
// How often the sweep by age begins again; it looks at all connections that are still open.
constexpr std::int64_t sweep_interval_us = 10'000'000;

constexpr const char* used_pages = R"sql(
SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count)sql";

template <class Rows> std::int64_t count_of(const Rows& rows) {
    return static_cast<std::int64_t>(rows.size());
}

} // namespace

// Lets erase(most) delete what one step may. Each row that it has deleted counts as so many.
template <class Erase>
std::int64_t Retention::Allowance::spend(std::int64_t rows_each, Erase erase) {
    const std::int64_t most = std::min(step_rows, rows) / rows_each;
    const std::int64_t dropped = most > 0 ? erase(most) : 0;
    rows -= rows_each * dropped;
    return dropped;
}

Retention::Retention(SQLite::Database& db, const RetentionLimits& limits, ProcessIds& process_ids,
                     CgroupIds& cgroup_ids)
    : limits_(limits), budget_(divide(limits.max_bytes)),
      samples_(db, "packed_rtt_samples", "rtt_sample", "rtt_samples"),
      events_(db, "events", "event", "events"),
      intervals_(db, "packed_intervals", "interval", "intervals"), connections_(db), traffic_(db),
      minutes_(db), owners_(db, process_ids, cgroup_ids), used_pages_(db, used_pages),
      page_bytes_(db.execAndGet("PRAGMA page_size").getInt64()) {}

void Retention::make_room(const Batch& batch, std::int64_t first_us, std::int64_t now_us) {
    if (limits_.max_bytes == 0 && limits_.max_age_us == 0)
        return;
    first_us_ = first_us;
    now_us_ = now_us;
    samples_.look();
    events_.look();
    intervals_.look();
    traffic_.look();
    minutes_.look();
    const std::int64_t coming = most_bytes_of(batch);
    Allowance allowance{.rows = extra_rows + coming / 16,
                        .looks = extra_looks + 2 * count_of(batch.connections)};
    if (limits_.max_age_us)
        drop_old(allowance, now_us - limits_.max_age_us);
    if (limits_.max_bytes)
        shrink(allowance, coming);
    owners_.step(owner_looks + 2 * count_of(batch.connections), connections_.erased_connections());
}

void Retention::drop_old(Allowance& allowance, std::int64_t before_us) {
    while (drop_rows(samples_, allowance, before_us) + drop_rows(events_, allowance, before_us) +
               drop_rows(intervals_, allowance, before_us) >
           0)
        ;
    drop_traffic(allowance, before_us);
    while (drop_minutes(allowance, before_us) > 0)
        ;
    if (connections_.swept() && now_us_ < next_sweep_us_)
        return;
    next_sweep_us_ = now_us_ + sweep_interval_us;
    while (drop_connections(allowance, before_us) > 0 && !connections_.swept())
        ;
}

void Retention::shrink(Allowance& allowance, std::int64_t coming_bytes) {
    while (used_bytes() + coming_bytes > budget_.file_bytes && drop_some(allowance) > 0)
        ;
}

std::int64_t Retention::drop_some(Allowance& allowance) {
    for (const DataKind kind : most_exceeding(kind_bytes(), budget_.file_bytes))
        if (const auto rows = drop(kind, allowance))
            return rows;
    return 0;
}

std::int64_t Retention::drop(DataKind kind, Allowance& allowance) {
    if (kind == DataKind::rtt_samples)
        return drop_rows(samples_, allowance, any_age);
    if (kind == DataKind::events)
        return drop_rows(events_, allowance, any_age);
    if (kind == DataKind::intervals)
        return drop_rows(intervals_, allowance, any_age);
    if (kind == DataKind::traffic)
        return drop_traffic(allowance, any_age);
    if (kind == DataKind::minutes)
        return drop_minutes(allowance, any_age);
    const bool may_sweep = !connections_.swept() || rows_until_sweep_ <= 0 || !rows_left();
    if (const auto rows = may_sweep ? drop_connections(allowance, any_age) : 0)
        return rows;
    return drop_rows(rows_of_oldest(), allowance, any_age);
}

// Those that hold the connections back.
OldRows& Retention::rows_of_oldest() {
    const Moment oldest = remainder();
    for (OldRows* rows : {&samples_, &events_})
        if (rows->remainder(first_us_) == oldest)
            return *rows;
    return intervals_;
}

// The moment before which there is no row left.
Moment Retention::remainder() {
    return std::min({samples_.remainder(first_us_), events_.remainder(first_us_),
                     intervals_.remainder(first_us_)});
}

std::int64_t Retention::drop_rows(OldRows& rows, Allowance& allowance, std::int64_t before_us) {
    const auto dropped =
        allowance.spend(1, [&](std::int64_t most) { return rows.erase(most, before_us); });
    rows_until_sweep_ -= dropped;
    return dropped;
}

std::int64_t Retention::drop_traffic(Allowance& allowance, std::int64_t before_us) {
    return allowance.spend(
        1, [&](std::int64_t most) { return traffic_.erase(most, before_us, now_us_); });
}

// A row has the bytes of some ten samples.
std::int64_t Retention::drop_minutes(Allowance& allowance, std::int64_t before_us) {
    return allowance.spend(
        16, [&](std::int64_t most) { return minutes_.erase(most, before_us, now_us_); });
}

// Passes over rows that stay, until some were deleted or the sweep is at its end.
std::int64_t Retention::drop_connections(Allowance& allowance, std::int64_t before_us) {
    const DeletionBounds bounds{
        .remainder = remainder(), .before_us = before_us, .now_us = now_us_};
    std::int64_t dropped = 0;
    while (allowance.looks > 0 && dropped == 0) {
        dropped = connections_.erase(std::min(step_looks, allowance.looks), bounds);
        allowance.looks -= step_looks;
        if (!connections_.swept())
            continue;
        rows_until_sweep_ = std::max(least_between_sweeps, rows_left() / 64);
        break;
    }
    return dropped;
}

std::int64_t Retention::used_bytes() { return first_number(used_pages_) * page_bytes_; }

KindBytes Retention::kind_bytes() {
    const std::int64_t samples = samples_.count() * sample_bytes;
    const std::int64_t events = events_.count() * event_bytes;
    const std::int64_t traffic = traffic_.count() * traffic_bytes;
    const std::int64_t intervals = intervals_.count() * interval_bytes;
    const std::int64_t minutes = minutes_.bytes();
    return {samples, events,    used_bytes() - samples - events - traffic - intervals - minutes,
            traffic, intervals, minutes};
}

} // namespace ctrack
