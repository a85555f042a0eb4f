// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/connection_table.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "recorder/fold/socket_summary.h"

namespace ctrack {

namespace {

constexpr std::size_t max_rtt_samples = 262'144;
constexpr std::size_t max_rows = 65'536; // of connections, and of events
constexpr std::size_t max_refreshed = 16'384;
constexpr std::size_t most_rows_kept = 24'576; // 7 MiB: of a storm's commit, not of a walk's

// Not what a burst has left.
template <class Row> void reuse_memory(std::vector<Row>& rows, std::vector<Row>& written) {
    if (rows.capacity() > 0 || written.capacity() > 2 * written.size())
        return;
    written.clear();
    rows.swap(written);
}

} // namespace

ConnectionTable::ConnectionTable(const FirstIds& first, std::int64_t clock_offset_us)
    : next_id_(first.connection), wall_time_{clock_offset_us},
      listeners_(first.listener, clock_offset_us) {}

std::size_t ConnectionTable::KeyHash::operator()(const Key& key) const {
    return std::hash<std::uint64_t>{}(key.cookie * 31 + key.generation);
}

ConnectionTable::Key ConnectionTable::key_of(const ConnectionRow& row) {
    return {row.summary.event.cookie, row.summary.event.generation};
}

ConnectionTable::Connection& ConnectionTable::find_or_add(const Key& key, std::uint64_t time_ns) {
    auto& [recent_key, recent] = recent_[key.cookie % recent_.size()];
    if (recent && recent_key == key)
        return *recent;
    auto [it, added] = connections_.try_emplace(key);
    Connection& connection = it->second;
    recent_key = key;
    recent = &connection;
    if (added) {
        connection.row.id = next_id_++;
        connection.row.summary.event.cookie = key.cookie; // all that may ever be known of it
        connection.row.summary.event.generation = key.generation;
        connection.row.opened_us = connection.row.last_seen_us = wall_time_.of(time_ns);
        connection.seen_in_walk = walk_.newest();
        ++open_;
        mark_changed(connection);
    }
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
}

void ConnectionTable::establish(Connection& connection, std::uint64_t time_ns) {
    connection.row.established_us = wall_time_.of(time_ns);
    connection.row.summary.established_ns = time_ns;
}

void ConnectionTable::apply_event(const ctrack_event& event) {
    const Key key{event.cookie, event.generation};
    Connection& connection = find_or_add(key, event.time_ns);
    if (event.kind != CTRACK_ESTABLISHED)
        return add_event(connection.row, event, event.value);
    establish(connection, event.time_ns);
    mark_changed(connection);
    add_event(connection.row, event, *connection.row.established_us - connection.row.opened_us);
}

// A walk and a callback on another CPU may both be the first to see a connection.
bool ConnectionTable::tells_something(Connection& connection, const ctrack_event& event) {
    if (event.kind == CTRACK_PREEXISTING)
        return !std::exchange(connection.announced, true);
    return event.kind != CTRACK_CHECKPOINT;
}

void ConnectionTable::apply_summary(const ctrack_summary& summary) {
    const ctrack_event& event = summary.event;
    if (event.kind == CTRACK_LISTENER)
        return listeners_.apply(summary);
    if (event.kind == CTRACK_ATTEMPT)
        return add_attempt(summary);
    const Key key{event.cookie, event.generation};
    Connection& connection = find_or_add(key, event.time_ns);
    if (connection.row.closed_us) // a walk that met it just before its close
        return;
    connection.seen_in_walk = walk_.newest();
    if (tells_something(connection, event))
        add_event(connection.row, event, event.value);
    if (is_outdated(summary, connection.row.summary))
        return;
    connection.row.last_seen_us = wall_time_.of(event.time_ns);
    if (event.kind == CTRACK_CHECKPOINT && connection.row.has_summary &&
        same_counters(connection.row.summary, summary))
        return;
    take_summary(connection.row.summary, summary);
    connection.row.has_summary = true;
    note_start(connection, summary);
    if (event.kind == CTRACK_CLOSE)
        close(connection, summary);
    event.kind == CTRACK_CHECKPOINT ? mark_refreshed(connection) : mark_changed(connection);
}

// Over before it is told, and not in the table: there can be several on a socket.
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

void ConnectionTable::note_start(Connection& connection, const ctrack_summary& summary) {
    if (summary.opened_ns)
        connection.row.opened_us = wall_time_.of(summary.opened_ns);
    else
        connection.row.start_kind = StartKind::preexisting;
    if (summary.established_ns)
        establish(connection, summary.established_ns);
}

void ConnectionTable::close(Connection& connection, const ctrack_summary& summary) {
    connection.row.closed_us = wall_time_.of(summary.event.time_ns);
    connection.row.ending = explain_close({.old_state = summary.event.old_state,
                                           .sk_err = summary.event.value,
                                           .states_seen = summary.states_seen,
                                           .peer_fin = summary.peer_fin != 0,
                                           .orphan = summary.orphan != 0});
    closed_.push_back(key_of(connection.row));
    --open_;
}

void ConnectionTable::apply(const ctrack_rtt& sample) {
    const Key key{sample.cookie, sample.generation};
    Connection& connection = find_or_add(key, sample.time_ns);
    batch_.rtt_samples.push_back(RttRow::of(connection.row.id, wall_time_.of(sample.time_ns),
                                            sample.rtt_us, sample.srtt_us, sample.state));
    batch_.rtt_source = static_cast<ctrack_rtt_source>(sample.source);
    add_sample(connection.row.summary, sample);
    connection.sampled = true;
}

void ConnectionTable::begin_walk() {
    walk_.begin();
    listeners_.begin_walk();
}

bool ConnectionTable::end_walk() {
    for (auto& [key, connection] : connections_) {
        if (events_full())
            return false;
        if (!connection.row.closed_us && walk_.is_gone(connection.seen_in_walk))
            lose(connection);
    }
    listeners_.end_walk();
    return true;
}

void ConnectionTable::lose(Connection& connection) {
    connection.row.closed_us = connection.row.last_seen_us;
    connection.row.ending = {Outcome::lost, ClosedBy::unknown};
    closed_.push_back(key_of(connection.row));
    --open_;
    mark_changed(connection);
}

void ConnectionTable::end_recording() {
    for (auto& [key, connection] : connections_)
        if (connection.sampled)
            mark_refreshed(connection);
}

void ConnectionTable::write_again() {
    for (auto& [key, connection] : connections_)
        mark_refreshed(connection);
    listeners_.write_again();
}

void ConnectionTable::samples_read() {
    forgettable_.insert(forgettable_.end(), sampling_.begin(), sampling_.end());
    sampling_ = std::exchange(closed_, {});
}

void ConnectionTable::forget_closed() {
    for (const Key& key : forgettable_)
        connections_.erase(key);
    forgettable_.clear();
    recent_ = {};
}

// The kernel does not say which way an older connection was opened. One whose
// local port somebody listens on was accepted there.
void ConnectionTable::infer_direction(ctrack_summary& summary) const {
    if (summary.direction == CTRACK_DIRECTION_UNKNOWN &&
        listeners_.listens(summary.netns, summary.local_port))
        summary.direction = CTRACK_PASSIVE;
}

// Some of them, and those first that were recorded first: they share pages of the file.
void ConnectionTable::pick_refreshed() {
    if (!std::ranges::is_sorted(refreshed_, std::greater{}))
        std::ranges::sort(refreshed_, std::greater{});
    for (std::size_t picked = 0; picked < max_refreshed && !refreshed_.empty(); ++picked) {
        const auto found = connections_.find(refreshed_.back().second);
        refreshed_.pop_back();
        if (found == connections_.end()) // closed, written and forgotten
            continue;
        found->second.refreshed = false;
        mark_changed(found->second);
    }
    if (refreshed_.empty())
        refreshed_.shrink_to_fit();
}

// In the order of their ids, as is best for the file.
void ConnectionTable::write_changed() {
    const auto by_id = [](const ConnectionRow& row) { return row.id; };
    const auto attempts = std::ssize(batch_.connections);
    std::ranges::sort(changed_, {}, [](const Connection* c) { return c->row.id; });
    batch_.connections.reserve(batch_.connections.size() + changed_.size());
    for (Connection* connection : changed_) {
        connection->changed = connection->sampled = false;
        infer_direction(connection->row.summary);
        batch_.connections.push_back(connection->row);
        connection->row.written_bare |= !connection->row.has_summary;
    }
    changed_.clear();
    if (attempts > 0)
        std::ranges::inplace_merge(batch_.connections, batch_.connections.begin() + attempts, {},
                                   by_id);
}

Batch ConnectionTable::take() {
    pick_refreshed();
    write_changed();
    batch_.listeners = listeners_.take();
    forget_closed();
    return std::exchange(batch_, {});
}

void ConnectionTable::reuse(Batch&& written) {
    if (written.connections.capacity() <= most_rows_kept)
        reuse_memory(batch_.connections, written.connections);
    reuse_memory(batch_.events, written.events);
    reuse_memory(batch_.rtt_samples, written.rtt_samples);
}

// Mostly each has an event too. Those in batch_ are of attempts.
std::size_t ConnectionTable::rows() const { return changed_.size() + batch_.connections.size(); }

bool ConnectionTable::samples_full() const {
    return batch_.rtt_samples.size() >= max_rtt_samples || rows() >= max_rows;
}

bool ConnectionTable::has(std::size_t rows_or_events) const {
    return std::max(batch_.events.size() + listeners_.changes(), rows()) >= rows_or_events;
}

bool ConnectionTable::events_full() const { return has(max_rows); }

bool ConnectionTable::walk_full() const { return has(max_rows / 2); }

} // namespace ctrack
