// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/connection_table.h"

#include <cerrno>
#include <utility>

#include "recorder/fold/socket_summary.h"
#include "recorder/fold/tcp_state.h"

namespace ctrack {

ConnectionTable::ConnectionTable(const FirstIds& first, std::int64_t clock_offset_us)
    : next_id_(first.connection), wall_time_{clock_offset_us},
      listeners_(first.listener, clock_offset_us) {}

ConnectionKey ConnectionTable::key_of(const ConnectionRow& row) {
    return {row.summary.event.cookie, row.summary.event.generation};
}

ConnectionTable::Connection& ConnectionTable::find_or_add(const ConnectionKey& key,
                                                          std::uint64_t time_ns) {
    const auto [connection, added] = connections_.find_or_add(key);
    ConnectionRow& row = connection.row;
    const std::int64_t time_us = wall_time_.of(time_ns);
    row.last_seen_us = std::max(row.last_seen_us, time_us);
    if (!added)
        return connection;
    row.id = next_id_++;
    row.summary.event.cookie = key.cookie; // perhaps no summary ever comes that names it
    row.summary.event.generation = key.generation;
    row.opened_us = time_us;
    connection.seen_in_walk = refreshing_walks_.newest();
    ++open_;
    mark_changed(connection);
    return connection;
}

void ConnectionTable::mark_changed(Connection& connection) {
    if (!std::exchange(connection.changed, true))
        changed_.push_back(&connection);
}

void ConnectionTable::mark_refreshed(Connection& connection) {
    if (!std::exchange(connection.refreshed, true))
        refreshed_.emplace_back(connection.row.id, key_of(connection.row));
}

void ConnectionTable::add_event(const ConnectionRow& row, const ctrack_event& event,
                                std::int64_t value) {
    batch_.events.push_back({row.id, wall_time_.of(event.time_ns), event.kind, event.old_state,
                             event.new_state, value});
}

void ConnectionTable::apply(const LifecycleRecord& record) {
    if (const auto* summary = std::get_if<ctrack_summary>(&record))
        apply_summary(*summary);
    else if (const auto* event = std::get_if<ctrack_event>(&record))
        apply_event(*event);
    else if (const auto* requested = std::get_if<ctrack_requested>(&record))
        apply_requested(*requested);
}

// It comes just after the connection began.
void ConnectionTable::apply_requested(const ctrack_requested& requested) {
    const ctrack_event& event = requested.event;
    Connection& connection = find_or_add({event.cookie, event.generation}, event.time_ns);
    connection.row.aliases = std::make_shared<const Aliases>(
        Aliases{.requested = Endpoint::of(requested.address, requested.port),
                .nat_local = {},
                .nat_peer = {}});
    mark_changed(connection);
}

void ConnectionTable::establish(Connection& connection, std::uint64_t time_ns) {
    connection.row.established_us = wall_time_.of(time_ns);
    connection.row.summary.established_ns = time_ns;
}

void ConnectionTable::apply_event(const ctrack_event& event) {
    if (event.kind == CTRACK_RESET)
        return apply_reset(event);
    if (event.kind == CTRACK_UNMOVED)
        return apply_unmoved(event);
    const ConnectionKey key{event.cookie, event.generation};
    Connection& connection = find_or_add(key, event.time_ns);
    if (event.kind == CTRACK_RTO && connection.row.summary.untracked)
        ++connection.row.summary.rtos;
    if (event.kind == CTRACK_STATE && event.old_state == TCP_STATE_ESTABLISHED)
        connection.left_established_ns = event.time_ns;
    if (event.kind != CTRACK_ESTABLISHED)
        return add_event(connection.row, event, event.value);
    establish(connection, event.time_ns);
    mark_changed(connection);
    add_event(connection.row, event, *connection.row.established_us - connection.row.opened_us);
}

// A connection of which nothing is known, because all records of it were lost, waits for a record
// that says more.
void ConnectionTable::apply_unmoved(const ctrack_event& event) {
    Connection* const connection = connections_.find({event.cookie, event.generation});
    if (!connection || connection->row.closed_us)
        return;
    ConnectionRow& row = connection->row;
    row.last_seen_us = std::max(row.last_seen_us, wall_time_.of(event.time_ns));
    connection->seen_in_walk = refreshing_walks_.newest();
    note_unmoved(row.waits, row.summary, event.time_ns);
    refresh(*connection, false);
}

// It mostly comes just after the close, which is then explained anew.
void ConnectionTable::apply_reset(const ctrack_event& event) {
    Connection* const connection = connections_.find({event.cookie, event.generation});
    if (!connection) // its records were lost, and this one alone would say nothing of it
        return;
    connection->reset_sent = true;
    add_event(connection->row, event, event.value);
    if (connection->row.summary.event.kind != CTRACK_CLOSE)
        return;
    explain(*connection);
    mark_changed(*connection);
}

// Whether an event is to be stored. A checkpoint is none. A walk and a callback on another CPU may
// both be the first to see a connection, and then both send `preexisting`, which is stored once.
bool ConnectionTable::tells_something(Connection& connection, const ctrack_event& event) {
    if (event.kind == CTRACK_PREEXISTING)
        return !std::exchange(connection.announced, true) && !connection.row.summary.untracked;
    return event.kind != CTRACK_CHECKPOINT;
}

// The connection of this record. The program counts the connections of a socket only if it can
// remember something of it (bpf/untracked.h). If not, the next one has the same key.
ConnectionTable::Connection& ConnectionTable::connection_of(const ctrack_event& event) {
    const ConnectionKey key{event.cookie, event.generation};
    Connection& connection = find_or_add(key, event.time_ns);
    if (event.kind != CTRACK_CONNECT || !connection.row.summary.untracked)
        return connection;
    retire(connection);
    return find_or_add(key, event.time_ns);
}

// Forgets a connection before its time, with all that would find it by its key. If its row is not
// written yet, it goes into the batch at once.
void ConnectionTable::retire(Connection& connection) {
    const ConnectionKey key = key_of(connection.row);
    if (!connection.row.closed_us)
        lose(connection);
    tell_moved(connection);
    if (std::erase(changed_, &connection))
        batch_.connections.push_back(connection.row);
    for (auto* keys : {&closed_, &sampling_, &forgettable_})
        std::erase(*keys, key);
    tally_.forget(connection.row.summary);
    connections_.erase(key);
}

void ConnectionTable::apply_summary(const ctrack_summary& summary) {
    const ctrack_event& event = summary.event;
    if (event.kind == CTRACK_LISTENER)
        return listeners_.apply(summary);
    if (event.kind == CTRACK_ATTEMPT)
        return add_attempt(summary);
    Connection& connection = connection_of(event);
    if (connection.row.closed_us) // the summary is of a walk that met it just before its close
        return;
    connection.seen_in_walk = refreshing_walks_.newest();
    if (tells_something(connection, event))
        add_event(connection.row, event, event.value);
    if (is_outdated(summary, connection.row.summary))
        return;
    note_waits(connection.row.waits, connection.row.has_summary ? &connection.row.summary : nullptr,
               summary, connection.left_established_ns);
    if (event.kind == CTRACK_CHECKPOINT && connection.row.has_summary &&
        same_counters(connection.row.summary, summary))
        return refresh(connection, false);
    const Counters before = Counters::of(connection.row.summary);
    take_summary(connection.row.summary, summary);
    note_start(connection);
    note_counters(connection, event.kind, before);
    if (event.kind == CTRACK_CLOSE)
        close(connection, event.time_ns);
    event.kind == CTRACK_CHECKPOINT ? refresh(connection, true) : mark_changed(connection);
}

// An attempt is over before it is sent, so its row is complete. It is not kept in the table, where
// it would have no key: there can be several attempts on a socket, all of generation 0.
void ConnectionTable::add_attempt(const ctrack_summary& summary) {
    const std::int64_t closed_us = wall_time_.of(summary.event.time_ns);
    const ConnectionRow row{.id = next_id_++,
                            .start_kind = StartKind::seen,
                            .has_summary = true,
                            .opened_us = wall_time_.of(summary.opened_ns),
                            .established_us = std::nullopt,
                            .closed_us = closed_us,
                            .last_seen_us = closed_us,
                            .ending = explain_attempt(summary.event.value),
                            .summary = summary};
    batch_.connections.push_back(row);
    add_event(row, summary.event, summary.event.value);
}

void ConnectionTable::note_start(Connection& connection) {
    const ctrack_summary& summary = connection.row.summary;
    if (summary.opened_ns)
        connection.row.opened_us = wall_time_.of(summary.opened_ns);
    else
        connection.row.start_kind = StartKind::preexisting;
    if (summary.established_ns)
        establish(connection, summary.established_ns);
}

// The kernel notes ECONNRESET too when it sends a reset because data came for a closed socket. Then
// there was no error but this end's own reset.
void ConnectionTable::explain(Connection& connection) {
    ctrack_summary& summary = connection.row.summary;
    if (connection.reset_sent && summary.event.value == ECONNRESET)
        summary.event.value = 0;
    connection.row.ending = explain_close({.old_state = summary.event.old_state,
                                           .error = summary.event.value,
                                           .states_seen = summary.states_seen,
                                           .peer_fin = summary.peer_fin != 0,
                                           .orphan = summary.orphan != 0,
                                           .repair = summary.repair != 0,
                                           .reset_sent = connection.reset_sent});
}

void ConnectionTable::close(Connection& connection, std::uint64_t time_ns) {
    connection.row.closed_us = wall_time_.of(time_ns);
    explain(connection);
    closed_.push_back(key_of(connection.row));
    --open_;
}

void ConnectionTable::apply(const ctrack_rtt& sample) {
    const ConnectionKey key{sample.cookie, sample.generation};
    Connection& connection = find_or_add(key, sample.time_ns);
    batch_.rtt_samples.push_back(RttRow::of(connection.row.id, wall_time_.of(sample.time_ns),
                                            sample.rtt_us, sample.srtt_us, sample.state));
    batch_.rtt_source = static_cast<ctrack_rtt_source>(sample.source);
    tally_.add(connection.sample_slot, connection.row.summary);
    add_sample(connection.row.summary, sample);
    connection.sampled = true;
}

void ConnectionTable::begin_walk(const Walk& walk) {
    walk_ = walk;
    interval_times_.begin_walk(walk.began_us);
    if (!walk.refreshes)
        return;
    refreshing_walks_.begin();
    listeners_.begin_walk();
}

bool ConnectionTable::end_walk() {
    for (auto& [key, connection] : connections_) {
        if (events_full())
            return false;
        if (!connection.row.closed_us && refreshing_walks_.is_gone(connection.seen_in_walk) &&
            !connection.row.summary.untracked) // no walk meets these
            lose(connection);
    }
    listeners_.end_walk();
    return true;
}

void ConnectionTable::lose(Connection& connection) {
    connection.row.closed_us = connection.row.last_seen_us;
    connection.row.ending = {Outcome::lost, ClosedBy::unknown};
    connection.row.summary.event.value = 0; // that of an accept is no errno
    closed_.push_back(key_of(connection.row));
    --open_;
    mark_changed(connection);
}

} // namespace ctrack
