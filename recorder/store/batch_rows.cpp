// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/batch_rows.h"

#include <algorithm>

#include "common/stored_text.h"
#include "recorder/fold/address_text.h"
#include "recorder/fold/names.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr const char* last_connection_id = "SELECT coalesce(max(id), 0) FROM main.connections";

constexpr const char* insert_batch = R"sql(
INSERT INTO batches (recording_id, committed_us, first_time_us, last_time_us,
                     first_event_id, last_event_id, first_rtt_sample_id, last_rtt_sample_id,
                     first_interval_id, last_interval_id, intervals_from_us, intervals_until_us,
                     first_connection_id, last_connection_id, first_opened_us,
                     clock_step_us, lost_lifecycle_ring, lost_sample_ring, lost_no_storage,
                     lost_netns, lost_decode_reject, lost_file)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

constexpr const char* replace_listener = R"sql(
REPLACE INTO listeners (
  id, recording_id, cookie, family, local_address, local_port, netns, ifindex, interface,
  process_id, pid_source, cgroup_id, uid, start_kind, opened_us, closed_us)
VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, 0), nullif(?, ''), ?, ?, ?, ?, ?, ?, ?))sql";

constexpr const char* insert_accept_queue = R"sql(
INSERT INTO accept_queues (recording_id, until_us, listener_id, from_us, queue_len, queue_max,
                           queue_limit, drops)
VALUES (?, ?, ?, ?, ?, ?, ?, ?))sql";

constexpr const char* insert_netns_counters = R"sql(
INSERT INTO netns_counters (recording_id, until_us, netns, from_us, attempt_fails, resets_sent,
                            listen_overflows, listen_drops, syn_queue_drops, syn_cookies_sent)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

void include(Range& range, std::int64_t time_us) {
    range.first = std::min(range.first.value_or(time_us), time_us);
    range.last = std::max(range.last.value_or(time_us), time_us);
}

// When its intervals begin and end.
Range interval_times_of(const Batch& batch) {
    return batch.intervals.empty() ? Range{}
                                   : Range{batch.intervals_from_us, batch.intervals_until_us};
}

Range times_of(const Batch& batch) {
    Range range = interval_times_of(batch);
    for (const auto& event : batch.events)
        include(range, event.time_us);
    for (const auto& sample : batch.rtt_samples)
        include(range, sample.time_us());
    return range;
}

Range ids_of(std::span<const ConnectionRow> rows) {
    return rows.empty() ? Range{} : Range{rows.front().id, rows.back().id};
}

Range opened_times_of(std::span<const ConnectionRow> rows) {
    Range range;
    for (const auto& row : rows)
        include(range, row.opened_us);
    return range;
}

} // namespace

BatchRows::Known::Known(SQLite::Database& db, const Recording& recording,
                        const RetentionLimits& limits)
    : processes(db, recording.clock_offset_us), cgroups(db),
      retention(db, limits, processes, cgroups), minutes(db) {}

BatchRows::BatchRows(SQLite::Database& db, const Recording& recording,
                     const RetentionLimits& limits)
    : db_(db), recording_(recording), limits_(limits),
      event_rows_(db.getHandle(), "event_rows", EventRow::columns),
      rtt_rows_(db.getHandle(), "rtt_rows", RttRow::columns),
      interval_rows_(db.getHandle(), "interval_rows", IntervalRow::columns), connection_rows_(db),
      traffic_(db, recording.boot_id), last_connection_id_(db, last_connection_id),
      replace_listener_(db, replace_listener), insert_accept_queue_(db, insert_accept_queue),
      insert_netns_counters_(db, insert_netns_counters),
      insert_events_(db, event_rows_.insert_into("events")),
      insert_rtt_samples_(db, rtt_rows_.insert_into("packed_rtt_samples")),
      insert_intervals_(db, interval_rows_.insert_into("packed_intervals")),
      insert_batch_(db, insert_batch) {
    known();
}

BatchRows::Known& BatchRows::known() {
    return known_ ? *known_ : known_.emplace(db_, recording_, limits_);
}

void BatchRows::write(const Batch& batch, std::int64_t committed_us) {
    const Range times = times_of(batch);
    known().retention.make_room(batch, times.first.value_or(committed_us), committed_us);
    write_owners(batch);
    write_listeners(batch);
    write_pressure(batch);
    const BatchPlan plan = this->plan(batch, committed_us);
    write_connections(plan);
    known_->retention.minutes_added(known_->minutes.write(batch.minute_rtts));
    write_batch_row(batch, plan, times);
    note_rtt_source(batch);
}

void BatchRows::write_owners(const Batch& batch) {
    for (const auto& process : batch.processes)
        known_->processes.write(process);
    for (const auto& cgroup : batch.cgroups)
        known_->cgroups.write(cgroup);
}

// Who only listens has not been seen with the connection, so where that process is says nothing.
OwnerRows BatchRows::owner_of(const ctrack_summary& summary) {
    const bool is_seen = summary.owner.cgroup_id && summary.pid_source != CTRACK_PID_LISTENER;
    const std::uint64_t cgroup = is_seen ? summary.owner.cgroup_id : summary.cgroup_id;
    const OwnerRows owner{known_->processes.id_of(summary.owner), known_->cgroups.id_of(cgroup),
                          known_->cgroups.id_of(summary.cgroup_id)};
    known_->retention.refer(owner.process_id, owner.cgroup_id);
    known_->retention.refer(owner.process_id, owner.socket_cgroup_id);
    return owner;
}

void BatchRows::write_listeners(const Batch& batch) {
    for (const ListenerRow& row : batch.listeners) {
        const ctrack_summary& s = row.summary;
        const OwnerRows owner = owner_of(s);
        bind_all(replace_listener_, row.id, recording_.id,
                 static_cast<std::int64_t>(s.event.cookie), is_ipv4(s.local_address) ? 4 : 6,
                 std::string(AddressText().of(s.local_address)), int{s.local_port}, s.netns,
                 s.ifindex, stored_name(s.interface), owner.process_id,
                 pid_source_name(s.pid_source), owner.socket_cgroup_id, s.uid,
                 name_of(row.start_kind), row.opened_us, row.closed_us);
        replace_listener_.exec();
    }
}

void BatchRows::write_pressure(const Batch& batch) {
    for (const AcceptQueueRow& row : batch.accept_queues) {
        bind_all(insert_accept_queue_, recording_.id, row.until_us, row.listener_id, row.from_us,
                 row.length, row.longest, row.limit, row.drops);
        insert_accept_queue_.exec();
    }
    for (const NetnsRow& row : batch.netns_counters) {
        bind_all(insert_netns_counters_, recording_.id, row.until_us,
                 static_cast<std::int64_t>(row.netns), row.from_us, row.counts.attempt_fails,
                 row.counts.resets_sent, row.counts.listen_overflows, row.counts.listen_drops,
                 row.counts.syn_queue_drops, row.counts.syn_cookies_sent);
        insert_netns_counters_.exec();
    }
}

BatchPlan BatchRows::plan(const Batch& batch, std::int64_t committed_us) {
    return {batch, recording_.id, committed_us, first_number(last_connection_id_),
            [this](const ctrack_summary& summary) { return owner_of(summary); }};
}

void BatchRows::write_connections(const BatchPlan& plan) {
    known_->retention.traffic_merged(traffic_.write(plan, known_->minutes));
    connection_rows_.write(plan);
}

// SQLite numbers the rows of one insert without gaps, since nobody else writes.
Range BatchRows::append(SQLite::Statement& insert, std::size_t rows) {
    if (rows == 0)
        return {};
    bind_all(insert);
    insert.exec();
    const std::int64_t last = db_.getLastInsertRowid();
    return {last - static_cast<std::int64_t>(rows) + 1, last};
}

void BatchRows::write_batch_row(const Batch& batch, const BatchPlan& plan, const Range& times) {
    event_rows_.show(std::span(batch.events));
    rtt_rows_.show(std::span(batch.rtt_samples));
    interval_rows_.show(std::span(batch.intervals));
    const Range events = append(insert_events_, batch.events.size());
    const Range samples = append(insert_rtt_samples_, batch.rtt_samples.size());
    const Range intervals = append(insert_intervals_, batch.intervals.size());
    const Range interval_times = interval_times_of(batch);
    const Range ids = ids_of(plan.new_connections());
    const Range opened = opened_times_of(plan.new_connections());
    bind_all(insert_batch_, recording_.id, plan.committed_us(), times.first,
             std::max(times.last, opened.last), events.first, events.last, samples.first,
             samples.last, intervals.first, intervals.last, interval_times.first,
             interval_times.last, ids.first, ids.last, opened.first, batch.clock_step_us,
             batch.losses.lifecycle_ring, batch.losses.sample_ring, batch.losses.no_storage,
             batch.losses.netns, batch.losses.decode_reject, batch.losses.file);
    insert_batch_.exec();
}

void BatchRows::note_rtt_source(const Batch& batch) {
    if (known_->rtt_source || !batch.rtt_source)
        return;
    SQLite::Statement update(db_, "UPDATE recordings SET rtt_source = ? WHERE id = ?");
    bind_all(update, *batch.rtt_source == CTRACK_RTT_MEASURED ? "measured" : "rack", recording_.id);
    update.exec();
    known_->rtt_source = true;
}

} // namespace ctrack
