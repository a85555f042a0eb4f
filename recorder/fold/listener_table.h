// SPDX-License-Identifier: Apache-2.0
//
// Which sockets listen, since when and until when. It is pure, like the connection table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recorder/fold/batch.h"
#include "recorder/fold/wall_time.h"

namespace ctrack {

class ListenerTable {
public:
    /// The first new row gets this id. The clock offset, added to the time of a record, gives a
    /// time of the wall clock.
    ListenerTable(std::int64_t first_id, std::int64_t clock_offset_us);

    /// Takes in a record of kind CTRACK_LISTENER.
    void apply(const ctrack_summary& summary);

    /// The summaries of a walk come between these two calls. A listener that two walks in a row
    /// have not met has ended.
    void begin_walk();
    void end_walk();

    /// Marks all listeners as changed, because they go into a file that has none of them, and as
    /// preexisting, because they are older than the recording in it.
    void write_again();

    /// Whether a socket listens on this port in this network namespace.
    bool listens(std::uint32_t netns, std::uint16_t port) const;

    /// Tells what is known of each queue, because nothing more comes.
    void end_recording();

    /// The changes since the last call.
    std::vector<ListenerRow> take();
    std::vector<AcceptQueueRow> take_queues();
    std::size_t changes() const { return changed_.size() + queues_.size(); }

private:
    struct Listener {
        ListenerRow row;
        std::int64_t last_seen_us;
        std::uint32_t seen_in_walk;
        AcceptQueueRow queue; ///< since a row was told, or could have been
        std::uint32_t drops;  ///< as the kernel counts them, at queue.until_us
    };
    using Listeners = std::unordered_map<std::uint64_t, Listener>; ///< by cookie

    Listener& begin(const ctrack_summary& summary);
    bool is_gone(const Listener& listener) const;
    void note_queue(Listener& listener, const ctrack_accept_queue& queue);
    void tell_queue(AcceptQueueRow& row);
    Listeners::iterator end(Listeners::iterator listener, std::int64_t closed_us);

    std::int64_t next_id_;
    WallTime wall_time_;
    WalkCount walk_;
    Listeners listeners_;
    std::multiset<std::pair<std::uint32_t, std::uint16_t>> ports_; ///< netns and port of listeners_
    std::vector<ListenerRow> changed_;
    std::vector<AcceptQueueRow> queues_;
};

} // namespace ctrack
