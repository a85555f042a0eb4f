// SPDX-License-Identifier: Apache-2.0
//
// The part of ConnectionTable that tells when bytes moved: which connections get an interval in the
// next batch, and what it says. The row of a connection that has intervals never says more than its
// intervals do, because a recorder that comes after this one adds them up (left_off.h).
#include "recorder/fold/connection_table.h"

#include <algorithm>
#include <utility>

namespace ctrack {

// What moved before the recording met this connection, or what earlier recordings tell of it: what
// has moved since then is one long interval.
Counters ConnectionTable::told_before(const ctrack_summary& summary) {
    const Counters now = Counters::of(summary);
    const auto found = left_off_.find(summary.event.cookie);
    if (found == left_off_.end() ||
        !std::ranges::equal(found->second.peer_address, summary.peer_address))
        return now;
    const LeftOff left_off = found->second;
    left_off_.erase(found);
    if (left_off.counters != now)
        interval_times_.begin_before(left_off.until_us);
    return least(left_off.counters, now);
}

// Of a connection that is older than the recording it is not known when its first bytes moved.
void ConnectionTable::note_first_counters(Connection& connection) {
    ConnectionRow& row = connection.row;
    if (std::exchange(row.has_summary, true) || row.start_kind == StartKind::seen)
        return;
    connection.told = told_before(row.summary);
    row.bytes_sent_before = connection.told.bytes_sent;
    row.bytes_received_before = connection.told.bytes_received;
}

// A connection that no walk has seen move needs no interval, because it is short.
void ConnectionTable::note_counters(Connection& connection, std::uint8_t kind) {
    note_first_counters(connection);
    connection.row.counters_us = wall_time_.of(connection.row.summary.event.time_ns);
    const bool is_met = kind == CTRACK_CHECKPOINT || kind == CTRACK_PREEXISTING;
    if (walk_.has_intervals && (is_met || connection.row.has_intervals) &&
        connection.told != Counters::of(connection.row.summary))
        note_moved(connection);
}

void ConnectionTable::note_moved(Connection& connection) {
    if (!std::exchange(connection.row.has_intervals, true))
        mark_changed(connection);
    if (!std::exchange(connection.moved, true))
        moved_.push_back(&connection);
}

// What a walk that does not refresh has changed is written with the next one that does.
void ConnectionTable::refresh(Connection& connection, bool has_changed) {
    connection.stale |= has_changed;
    if (walk_.refreshes && std::exchange(connection.stale, false))
        mark_refreshed(connection);
}

void ConnectionTable::tell_moved(Connection& connection) {
    ConnectionRow& row = connection.row;
    connection.moved = false;
    interval_times_.include(row.counters_us);
    batch_.intervals.push_back(
        ctrack::tell_moved(row.id, Counters::of(row.summary), connection.told));
}

// Counters that an interval tells count as read when it ends.
void ConnectionTable::tell_all_moved() {
    for (Connection* connection : moved_)
        tell_moved(*connection);
    batch_.intervals_from_us = interval_times_.from_us();
    batch_.intervals_until_us = interval_times_.until_us();
    for (Connection* connection : moved_)
        connection->row.counters_us = batch_.intervals_until_us;
    moved_.clear();
    interval_times_.taken();
}

namespace {

// What a row in the new file says of the bytes that only the old file tells of.
void begin_anew(ConnectionRow& row, const Counters& told, const IntervalRow* unwritten) {
    row.has_intervals = unwritten != nullptr;
    row.bytes_sent_before = told.bytes_sent;
    row.bytes_received_before = told.bytes_received;
    if (told.bytes_sent + told.bytes_received > 0)
        row.start_kind = StartKind::preexisting;
    if (!unwritten)
        return;
    row.bytes_sent_before -= static_cast<std::uint64_t>(unwritten->bytes_sent);
    row.bytes_received_before -= static_cast<std::uint64_t>(unwritten->bytes_received);
}

const IntervalRow* find(const std::vector<IntervalRow>& sorted, std::int64_t connection_id) {
    const auto found =
        std::ranges::lower_bound(sorted, connection_id, {}, &IntervalRow::connection_id);
    return found != sorted.end() && found->connection_id == connection_id ? &*found : nullptr;
}

} // namespace

// A connection without intervals has told nothing of its bytes to the old file but its row.
void ConnectionTable::write_again(Batch* unwritten) {
    std::vector<IntervalRow> intervals;
    if (unwritten) {
        std::ranges::sort(unwritten->intervals, {}, &IntervalRow::connection_id);
        intervals = unwritten->intervals;
        for (ConnectionRow& row : unwritten->connections)
            if (row.has_intervals)
                begin_anew(row, Counters::of(row.summary), find(intervals, row.id));
    }
    for (auto& [key, connection] : connections_) {
        ConnectionRow& row = connection.row;
        row.off_batch = true;
        row.start_kind = StartKind::preexisting;
        begin_anew(row, connection.told, find(intervals, row.id));
        mark_refreshed(connection);
    }
    for (Connection* connection : moved_)
        connection->row.has_intervals = true;
    listeners_.write_again();
}

} // namespace ctrack
