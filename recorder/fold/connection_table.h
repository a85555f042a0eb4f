// SPDX-License-Identifier: Apache-2.0
//
// Folds records into connections: which are open, what is known of each, and
// what the next transaction must write. Pure: no libbpf, no SQLite, no clock.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recorder/fold/batch.h"
#include "recorder/fold/decode.h"
#include "recorder/fold/listener_table.h"
#include "recorder/fold/wall_time.h"

namespace ctrack {

/// Of the rows that a table will make.
struct FirstIds {
    std::int64_t connection;
    std::int64_t listener;
};

class ConnectionTable {
public:
    /// first: of the first connection and listener; clock_offset_us: added to every
    /// record's time to make it a wall clock time.
    ConnectionTable(const FirstIds& first, std::int64_t clock_offset_us);

    /// Records of processes are none of its business and left alone.
    /// Lifecycle records of a connection must come in their order. Its samples
    /// may come before the first and after the last of them.
    void apply(const LifecycleRecord& record);
    void apply(const ctrack_rtt& sample);

    /// The changes since the last call, but of the rows that only a walk has changed no more
    /// than 16,384. The batch's processes, losses and clock step are the caller's to fill.
    Batch take();

    /// take() has left some to the next.
    bool has_more() const { return !refreshed_.empty(); }

    /// The memory of a batch that was written serves the next, unless that was a burst.
    void reuse(Batch&& written);

    /// Tells that all samples have been applied that were taken before the last call. So
    /// those connections can have no more that had been closed then: they are forgotten
    /// at the next take().
    void samples_read();

    /// Between these calls come the summaries of a walk over all connections, and
    /// after them all lifecycle records that were waiting. An open connection that
    /// two walks have not met is lost: its end was not seen. False if the batch is full
    /// before all of these are found: to be called again.
    void begin_walk();
    bool end_walk();

    /// Nothing more will come: rows that only samples have changed are written too. (Before
    /// that a later summary, at the latest the next checkpoint, counts them.)
    void end_recording();

    /// All rows are changes: they go into a file that has none of them.
    void write_again();

    std::size_t open_count() const { return open_; }
    std::int64_t next_id() const { return next_id_; }

    /// True when a batch should be taken at once. It holds at most 262,144
    /// samples of 32 bytes (8 MiB) and 65,536 events of 32 (2 MiB), changes of listeners
    /// being counted with them; 65,536 changed connections of 296 (19 MiB), most of them with an
    /// event; and 16,384 that a walk has met again (5 MiB).
    bool samples_full() const;
    bool events_full() const;

    /// The other half is for what comes while a walk is under way. (It is asked once for each
    /// read of a walk, which brings as much as 8 pages hold.)
    bool walk_full() const;

private:
    struct Key {
        std::uint64_t cookie;
        std::uint32_t generation;
        auto operator<=>(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const;
    };
    struct Connection {
        ConnectionRow row;
        bool changed = false;   ///< listed in changed_
        bool refreshed = false; ///< listed in refreshed_
        bool sampled = false;   ///< samples were added since the row was written
        bool announced = false; ///< its event preexisting is stored
        std::uint32_t seen_in_walk = 0;
    };

    Connection& find_or_add(const Key& key, std::uint64_t time_ns);
    static Key key_of(const ConnectionRow& row);
    void mark_changed(Connection& connection);
    void mark_refreshed(Connection& connection);
    void add_event(const ConnectionRow& row, const ctrack_event& event, std::int64_t value);
    void apply_event(const ctrack_event& event);
    static bool tells_something(Connection& connection, const ctrack_event& event);
    void apply_summary(const ctrack_summary& summary);
    void add_attempt(const ctrack_summary& summary);
    void infer_direction(ctrack_summary& summary) const;
    void note_start(Connection& connection, const ctrack_summary& summary);
    void lose(Connection& connection);
    void establish(Connection& connection, std::uint64_t time_ns);
    void close(Connection& connection, const ctrack_summary& summary);
    void pick_refreshed();
    void write_changed();
    void forget_closed();
    std::size_t rows() const;
    bool has(std::size_t rows_or_events) const;

    std::int64_t next_id_;
    WallTime wall_time_;
    std::size_t open_ = 0;
    WalkCount walk_;
    std::unordered_map<Key, Connection, KeyHash> connections_;
    /// Found last, by cookie: records of one connection mostly come close together.
    std::array<std::pair<Key, Connection*>, 16> recent_{};
    ListenerTable listeners_;
    std::vector<Connection*> changed_;                    ///< to be written with the next batch
    std::vector<std::pair<std::int64_t, Key>> refreshed_; ///< by id; written by and by
    std::vector<Key> closed_;                             ///< since the last samples_read()
    std::vector<Key> sampling_; ///< before it: samples of theirs may be waiting
    std::vector<Key> forgettable_;
    Batch batch_;
};

} // namespace ctrack
