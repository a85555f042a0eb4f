// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection_table.h"

#include <algorithm>
#include <utility>

#include "recorder/tcp_state.h"

namespace ctrack {

namespace {

constexpr std::size_t max_rtt_samples = 262'144;
constexpr std::size_t max_events = 65'536;

// The kernel's count of samples is taken over when the connection closes; until
// then it is kept here, since samples and summaries travel in different rings.
void add_sample(ctrack_summary& summary, std::uint32_t rtt_us) {
    summary.rtt_min_us =
        summary.rtt_samples ? std::min<std::uint32_t>(summary.rtt_min_us, rtt_us) : rtt_us;
    summary.rtt_max_us = std::max<std::uint32_t>(summary.rtt_max_us, rtt_us);
    summary.rtt_sum_us += rtt_us;
    ++summary.rtt_samples;
}

void replace_summary(ConnectionRow& row, const ctrack_summary& summary) {
    const ctrack_summary old = std::exchange(row.summary, summary);
    row.has_summary = true;
    if (summary.event.kind == CTRACK_CLOSE)
        return;
    row.summary.rtt_samples = old.rtt_samples;
    row.summary.rtt_sum_us = old.rtt_sum_us;
    row.summary.rtt_min_us = old.rtt_min_us;
    row.summary.rtt_max_us = old.rtt_max_us;
}

} // namespace

ConnectionTable::ConnectionTable(std::int64_t first_id, std::int64_t clock_offset_us)
    : next_id_(first_id), clock_offset_us_(clock_offset_us) {}

std::size_t ConnectionTable::KeyHash::operator()(const Key& key) const {
    return std::hash<std::uint64_t>{}(key.cookie * 31 + key.generation);
}

std::int64_t ConnectionTable::wall_us(std::uint64_t time_ns) const {
    return static_cast<std::int64_t>(time_ns / 1000) + clock_offset_us_;
}

ConnectionTable::Connection& ConnectionTable::find_or_add(const Key& key, std::uint64_t time_ns) {
    auto [it, added] = connections_.try_emplace(key);
    Connection& connection = it->second;
    if (added) {
        connection.row = {};
        connection.row.id = next_id_++;
        connection.row.opened_us = wall_us(time_ns);
        ++open_;
        mark_changed(connection, key);
    }
    return connection;
}

void ConnectionTable::mark_changed(Connection& connection, const Key& key) {
    connection.sampled = false;
    if (!std::exchange(connection.changed, true))
        changed_.push_back(key);
}

void ConnectionTable::add_event(const Connection& connection, const ctrack_event& event,
                                std::int64_t value) {
    batch_.events.push_back({connection.row.id, wall_us(event.time_ns), event.kind, event.old_state,
                             event.new_state, value});
}

void ConnectionTable::apply(const LifecycleRecord& record) {
    if (const auto* summary = std::get_if<ctrack_summary>(&record))
        apply_summary(*summary);
    else
        apply_event(std::get<ctrack_event>(record));
}

void ConnectionTable::establish(Connection& connection, std::uint64_t time_ns) {
    connection.row.established_us = wall_us(time_ns);
    connection.row.summary.established_ns = time_ns;
}

void ConnectionTable::apply_event(const ctrack_event& event) {
    const Key key{event.cookie, event.generation};
    Connection& connection = find_or_add(key, event.time_ns);
    if (event.kind != CTRACK_ESTABLISHED)
        return add_event(connection, event, event.value);
    establish(connection, event.time_ns);
    mark_changed(connection, key);
    add_event(connection, event, *connection.row.established_us - connection.row.opened_us);
}

void ConnectionTable::apply_summary(const ctrack_summary& summary) {
    const ctrack_event& event = summary.event;
    const Key key{event.cookie, event.generation};
    Connection& connection = find_or_add(key, event.time_ns);
    replace_summary(connection.row, summary);
    if (summary.opened_ns)
        connection.row.opened_us = wall_us(summary.opened_ns);
    else
        connection.row.start_kind = StartKind::preexisting;
    if (summary.established_ns)
        establish(connection, summary.established_ns);
    if (event.kind == CTRACK_CLOSE)
        close(connection, key, summary);
    mark_changed(connection, key);
    add_event(connection, event, event.value);
}

void ConnectionTable::close(Connection& connection, const Key& key, const ctrack_summary& summary) {
    if (connection.row.closed_us)
        return;
    connection.row.closed_us = wall_us(summary.event.time_ns);
    connection.row.ending = explain_close({.old_state = summary.event.old_state,
                                           .sk_err = summary.event.value,
                                           .states_seen = summary.states_seen,
                                           .peer_fin = summary.peer_fin != 0,
                                           .orphan = summary.orphan != 0});
    closed_.emplace_back(summary.sample_position, key);
    --open_;
}

void ConnectionTable::apply(const ctrack_rtt& sample) {
    const Key key{sample.cookie, sample.generation};
    Connection& connection = find_or_add(key, sample.time_ns);
    batch_.rtt_samples.push_back(
        {connection.row.id, wall_us(sample.time_ns), sample.rtt_us, sample.srtt_us, sample.state});
    batch_.rtt_source = static_cast<ctrack_rtt_source>(sample.source);
    if (connection.row.closed_us) // counted in its last summary already
        return;
    add_sample(connection.row.summary, sample.rtt_us);
    connection.sampled = true;
}

void ConnectionTable::refresh_sampled() {
    for (auto& [key, connection] : connections_)
        if (connection.sampled)
            mark_changed(connection, key);
}

void ConnectionTable::samples_read_to(std::uint64_t position) {
    std::erase_if(closed_, [&](const auto& closed) {
        const bool is_past = closed.first <= position;
        if (is_past)
            forgettable_.push_back(closed.second);
        return is_past;
    });
}

void ConnectionTable::forget_closed() {
    for (const Key& key : forgettable_)
        connections_.erase(key);
    forgettable_.clear();
}

Batch ConnectionTable::take() {
    batch_.connections.reserve(changed_.size());
    for (const Key& key : changed_) {
        Connection& connection = connections_.at(key);
        connection.changed = false;
        batch_.connections.push_back(connection.row);
    }
    changed_.clear();
    forget_closed();
    return std::exchange(batch_, {});
}

bool ConnectionTable::samples_full() const { return batch_.rtt_samples.size() >= max_rtt_samples; }

bool ConnectionTable::events_full() const { return batch_.events.size() >= max_events; }

} // namespace ctrack
