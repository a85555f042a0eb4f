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

// What intervals have told of a connection that is not in moved_, where `before` are its counters
// before this summary. Of one that is older than the recording it is not known when its first bytes
// moved, so that counts as told. Of a younger one that had not moved yet nothing is told.
Counters ConnectionTable::told_of(Connection& connection, const Counters& before) {
    ConnectionRow& row = connection.row;
    const bool is_first = !std::exchange(row.has_summary, true);
    const bool is_older = row.start_kind == StartKind::preexisting;
    if (row.has_intervals || (is_older && !is_first))
        return before;
    const Counters told = is_older ? told_before(row.summary) : Counters{};
    row.bytes_sent_before = told.bytes_sent;
    row.bytes_received_before = told.bytes_received;
    return told;
}

// A connection that no walk has seen move needs no interval, because it is short.
void ConnectionTable::note_counters(Connection& connection, std::uint8_t kind,
                                    const Counters& before) {
    const Counters told = told_of(connection, before);
    connection.row.counters_us = wall_time_.of(connection.row.summary.event.time_ns);
    const bool is_met = kind == CTRACK_CHECKPOINT || kind == CTRACK_PREEXISTING;
    if (walk_.has_intervals && (is_met || connection.row.has_intervals) &&
        told != Counters::of(connection.row.summary))
        note_moved(connection, told);
}

void ConnectionTable::note_moved(Connection& connection, const Counters& told) {
    if (!std::exchange(connection.row.has_intervals, true))
        mark_changed(connection);
    if (!std::exchange(connection.moved, true))
        moved_.push_back({&connection, told});
}

// What a walk that does not refresh has changed is written with the next one that does.
void ConnectionTable::refresh(Connection& connection, bool has_changed) {
    connection.stale |= has_changed;
    if (walk_.refreshes && std::exchange(connection.stale, false))
        mark_refreshed(connection);
}

// Returns whether something is left for the next batch, because the row has no room for it.
bool ConnectionTable::tell_some(Moved& moved) {
    const ConnectionRow& row = moved.connection->row;
    const Counters now = Counters::of(row.summary);
    interval_times_.include(row.counters_us);
    batch_.intervals.push_back(ctrack::tell_moved(row.id, now, moved.told));
    moved.connection->moved = least(moved.told, now) != now;
    return moved.connection->moved;
}

// Tells all of a connection that is about to be forgotten.
void ConnectionTable::tell_moved(Connection& connection) {
    const auto found = std::ranges::find(moved_, &connection, &Moved::connection);
    if (found == moved_.end())
        return;
    while (tell_some(*found))
        continue;
    moved_.erase(found);
}

// Counters that an interval tells count as read when it ends.
void ConnectionTable::tell_all_moved() {
    for (Moved& moved : moved_)
        tell_some(moved);
    batch_.intervals_from_us = interval_times_.from_us();
    batch_.intervals_until_us = interval_times_.until_us();
    for (const Moved& moved : moved_)
        moved.connection->row.counters_us = batch_.intervals_until_us;
    std::erase_if(moved_, [](const Moved& moved) { return !moved.connection->moved; });
    interval_times_.taken();
}

namespace {

// What a row in the new file says of the bytes that only the old file tells of: those of `told`,
// but for intervals that neither file has.
void begin_anew(ConnectionRow& row, const Counters& told, const IntervalRow* unwritten) {
    if (std::exchange(row.has_intervals, unwritten != nullptr)) {
        row.bytes_sent_before = told.bytes_sent;
        row.bytes_received_before = told.bytes_received;
    }
    if (row.bytes_sent_before + row.bytes_received_before > 0)
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
        if (!connection.moved)
            begin_anew(row, Counters::of(row.summary), find(intervals, row.id));
        mark_refreshed(connection);
    }
    for (const auto& [connection, told] : moved_) {
        begin_anew(connection->row, told, find(intervals, connection->row.id));
        connection->row.has_intervals = true;
    }
    listeners_.write_again();
}

} // namespace ctrack
