// SPDX-License-Identifier: Apache-2.0
//
// The half of ConnectionTable that makes batches: what a batch may hold, which rows go into it, and
// which connections are forgotten once it is taken.
#include "recorder/fold/connection_table.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace ctrack {

namespace {

constexpr std::size_t max_rtt_samples = 262'144;
constexpr std::size_t max_rows = 65'536; // rows of connections, and rows of events
constexpr std::size_t max_refreshed = 16'384;
constexpr std::size_t max_moved = 16'384; // by a walk; the first time, each has a row too
// The memory for so many connections (10.1 MiB) is kept for the next batch. A commit of a storm
// stays below it; a commit after a walk over very many connections does not, and its memory is
// given back.
constexpr std::size_t most_rows_kept = 24'576;

// Takes over the memory of rows that were written, but not what a burst has left: memory of which
// less than half was used is given back.
template <class Row> void reuse_memory(std::vector<Row>& rows, std::vector<Row>& written) {
    if (rows.capacity() > 0 || written.capacity() > 2 * written.size())
        return;
    written.clear();
    rows.swap(written);
}

// The first rows are attempts, in order but for an older row among them, and the others are sorted.
void merge_by_id(std::vector<ConnectionRow>& rows, std::ptrdiff_t attempts) {
    const auto first_other = rows.begin() + attempts;
    std::ranges::sort(rows.begin(), first_other, {}, &ConnectionRow::id);
    std::ranges::inplace_merge(rows, first_other, {}, &ConnectionRow::id);
}

} // namespace

void ConnectionTable::end_recording() {
    for (auto& [key, connection] : connections_)
        if (connection.sampled || connection.stale)
            mark_refreshed(connection);
    listeners_.end_recording();
}

void ConnectionTable::samples_read() {
    forgettable_.insert(forgettable_.end(), sampling_.begin(), sampling_.end());
    sampling_ = std::exchange(closed_, {});
}

void ConnectionTable::forget_closed() {
    for (const ConnectionKey& key : forgettable_)
        connections_.erase(key);
    forgettable_.clear();
}

// The kernel does not say which way an older connection was opened. If somebody listens on its
// local port, it was accepted there.
void ConnectionTable::infer_direction(ctrack_summary& summary) const {
    if (summary.direction == CTRACK_DIRECTION_UNKNOWN &&
        listeners_.listens(summary.netns, summary.local_port))
        summary.direction = CTRACK_PASSIVE;
}

// Takes a part of the rows that only a walk has changed. Those that were recorded first come first,
// because neighbours share pages of the file.
void ConnectionTable::pick_refreshed() {
    if (!std::ranges::is_sorted(refreshed_, std::greater{}))
        std::ranges::sort(refreshed_, std::greater{});
    for (std::size_t picked = 0; picked < max_refreshed && !refreshed_.empty(); ++picked) {
        Connection* const connection = connections_.find(refreshed_.back().second);
        refreshed_.pop_back();
        if (!connection) // it has closed meanwhile, and was written and forgotten
            continue;
        connection->refreshed = false;
        mark_changed(*connection);
    }
    if (refreshed_.empty())
        refreshed_.shrink_to_fit();
}

// Writes rows in the order of their ids, which is the fastest for the file.
void ConnectionTable::write_changed() {
    const auto attempts = std::ssize(batch_.connections);
    std::ranges::sort(changed_, {}, [](const Connection* c) { return c->row.id; });
    batch_.connections.reserve(batch_.connections.size() + changed_.size());
    for (Connection* connection : changed_) {
        connection->changed = connection->sampled = false;
        infer_direction(connection->row.summary);
        batch_.connections.push_back(connection->row);
        connection->row.off_batch |= !connection->row.has_summary;
    }
    changed_.clear();
    if (attempts > 0)
        merge_by_id(batch_.connections, attempts);
}

// A connection that has no answer to its SYN yet may still get one.
std::vector<ConnectionRow*> ConnectionTable::settled() {
    std::vector<ConnectionRow*> rows;
    for (Connection* connection : changed_) {
        ConnectionRow& row = connection->row;
        const bool is_settled = row.has_summary && (row.established_us || row.closed_us ||
                                                    row.start_kind == StartKind::preexisting);
        if (is_settled && !std::exchange(connection->settled, true))
            rows.push_back(&row);
    }
    return rows;
}

Batch ConnectionTable::take() {
    pick_refreshed();
    tell_all_moved();
    write_changed();
    batch_.minute_rtts = tally_.take(batch_.rtt_samples);
    batch_.listeners = listeners_.take();
    batch_.accept_queues = listeners_.take_queues();
    forget_closed();
    return std::exchange(batch_, {});
}

void ConnectionTable::reuse(Batch&& written) {
    if (written.connections.capacity() <= most_rows_kept)
        reuse_memory(batch_.connections, written.connections);
    reuse_memory(batch_.events, written.events);
    reuse_memory(batch_.rtt_samples, written.rtt_samples);
    reuse_memory(batch_.intervals, written.intervals);
}

// Rows of connections in the next batch: changed ones and, already in batch_, attempts.
std::size_t ConnectionTable::rows() const { return changed_.size() + batch_.connections.size(); }

bool ConnectionTable::samples_full() const {
    return batch_.rtt_samples.size() >= max_rtt_samples || rows() >= max_rows;
}

bool ConnectionTable::has(std::size_t rows_or_events) const {
    return std::max(batch_.events.size() + listeners_.changes(), rows()) >= rows_or_events;
}

bool ConnectionTable::events_full() const { return has(max_rows); }

bool ConnectionTable::walk_full() const { return has(max_rows / 2) || moved_.size() >= max_moved; }

} // namespace ctrack
