// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/listener_table.h"

#include <algorithm>

#include "recorder/fold/tcp_state.h"

namespace ctrack {

namespace {

// What a listener drops is told after each walk, and how many connections wait each ten seconds.
// Walks that are ten seconds apart may come a little early.
constexpr std::int64_t queue_interval_us = 9'500'000;

// A queue that is less than half full at its longest, and empty in the end, is nothing to tell of.
bool is_worth_telling(const AcceptQueueRow& row) {
    return row.drops > 0 || row.length > 0 || (row.longest > 0 && 2 * row.longest >= row.limit);
}

} // namespace

ListenerTable::ListenerTable(std::int64_t first_id, std::int64_t clock_offset_us)
    : next_id_(first_id), wall_time_{clock_offset_us} {}

ListenerTable::Listener& ListenerTable::begin(const ctrack_summary& summary) {
    const bool seen = summary.opened_ns != 0;
    const std::int64_t now_us = wall_time_.of(summary.event.time_ns);
    const std::int64_t opened_us = seen ? wall_time_.of(summary.opened_ns) : now_us;
    const ListenerRow row{.id = next_id_++,
                          .start_kind = seen ? StartKind::seen : StartKind::preexisting,
                          .opened_us = opened_us,
                          .closed_us = std::nullopt,
                          .summary = summary};
    ports_.emplace(summary.netns, summary.local_port);
    changed_.push_back(row);
    return listeners_
        .insert_or_assign(
            summary.event.cookie,
            Listener{.row = row,
                     .last_seen_us = opened_us,
                     .seen_in_walk = walk_.newest(),
                     .queue = {.listener_id = row.id, .from_us = now_us, .until_us = now_us},
                     .drops = summary.accept_queue.drops})
        .first->second;
}

ListenerTable::Listeners::iterator ListenerTable::end(Listeners::iterator listener,
                                                      std::int64_t closed_us) {
    ListenerRow& row = listener->second.row;
    row.closed_us = closed_us;
    changed_.push_back(row);
    tell_queue(listener->second.queue);
    ports_.erase(ports_.find({row.summary.netns, row.summary.local_port}));
    return listeners_.erase(listener);
}

void ListenerTable::apply(const ctrack_summary& summary) {
    const auto known = listeners_.find(summary.event.cookie);
    const bool is_new = known == listeners_.end();
    Listener& listener = is_new ? begin(summary) : known->second;
    listener.last_seen_us = wall_time_.of(summary.event.time_ns);
    listener.seen_in_walk = walk_.newest();
    note_queue(listener, summary.accept_queue);
    if (summary.event.new_state == TCP_STATE_CLOSE)
        end(listeners_.find(summary.event.cookie), listener.last_seen_us);
}

// What was dropped before the recorder first met the listener is left out, because it is not known
// since when.
void ListenerTable::note_queue(Listener& listener, const ctrack_accept_queue& queue) {
    AcceptQueueRow& row = listener.queue;
    row.until_us = listener.last_seen_us;
    row.length = queue.length;
    row.longest = std::max(row.longest, std::int64_t{queue.longest});
    row.limit = queue.limit;
    row.drops +=
        static_cast<std::uint32_t>(queue.drops - std::exchange(listener.drops, queue.drops));
    if (row.drops > 0 || row.until_us - row.from_us >= queue_interval_us)
        tell_queue(row);
}

void ListenerTable::tell_queue(AcceptQueueRow& row) {
    if (row.until_us <= row.from_us)
        return;
    if (is_worth_telling(row))
        queues_.push_back(row);
    row = {.listener_id = row.listener_id, .from_us = row.until_us, .until_us = row.until_us};
}

void ListenerTable::end_recording() {
    for (auto& [cookie, listener] : listeners_)
        tell_queue(listener.queue);
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

std::vector<AcceptQueueRow> ListenerTable::take_queues() { return std::exchange(queues_, {}); }

} // namespace ctrack
