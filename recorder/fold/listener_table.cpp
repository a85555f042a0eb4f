// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/listener_table.h"

#include "recorder/fold/tcp_state.h"

namespace ctrack {

ListenerTable::ListenerTable(std::int64_t first_id, std::int64_t clock_offset_us)
    : next_id_(first_id), wall_time_{clock_offset_us} {}

ListenerTable::Listener& ListenerTable::begin(const ctrack_summary& summary) {
    const bool seen = summary.opened_ns != 0;
    const std::int64_t opened_us = wall_time_.of(seen ? summary.opened_ns : summary.event.time_ns);
    const ListenerRow row{.id = next_id_++,
                          .start_kind = seen ? StartKind::seen : StartKind::preexisting,
                          .opened_us = opened_us,
                          .closed_us = std::nullopt,
                          .summary = summary};
    ports_.emplace(summary.netns, summary.local_port);
    changed_.push_back(row);
    return listeners_
        .insert_or_assign(summary.event.cookie, Listener{row, opened_us, walk_.newest()})
        .first->second;
}

ListenerTable::Listeners::iterator ListenerTable::end(Listeners::iterator listener,
                                                      std::int64_t closed_us) {
    ListenerRow& row = listener->second.row;
    row.closed_us = closed_us;
    changed_.push_back(row);
    ports_.erase(ports_.find({row.summary.netns, row.summary.local_port}));
    return listeners_.erase(listener);
}

void ListenerTable::apply(const ctrack_summary& summary) {
    const auto known = listeners_.find(summary.event.cookie);
    const bool is_new = known == listeners_.end();
    Listener& listener = is_new ? begin(summary) : known->second;
    listener.last_seen_us = wall_time_.of(summary.event.time_ns);
    listener.seen_in_walk = walk_.newest();
    if (summary.event.new_state == TCP_STATE_CLOSE)
        end(listeners_.find(summary.event.cookie), listener.last_seen_us);
}

// No walk meets what is not tracked.
bool ListenerTable::is_gone(const Listener& listener) const {
    return walk_.is_gone(listener.seen_in_walk) && !listener.row.summary.untracked;
}

void ListenerTable::begin_walk() { walk_.begin(); }

void ListenerTable::end_walk() {
    for (auto it = listeners_.begin(); it != listeners_.end();)
        it = is_gone(it->second) ? end(it, it->second.last_seen_us) : std::next(it);
}

void ListenerTable::write_again() {
    for (auto& [cookie, listener] : listeners_) {
        listener.row.start_kind = StartKind::preexisting;
        changed_.push_back(listener.row);
    }
}

bool ListenerTable::listens(std::uint32_t netns, std::uint16_t port) const {
    return ports_.contains({netns, port});
}

std::vector<ListenerRow> ListenerTable::take() { return std::exchange(changed_, {}); }

} // namespace ctrack
