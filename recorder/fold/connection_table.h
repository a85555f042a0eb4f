// SPDX-License-Identifier: Apache-2.0
//
// Folds records into connections: which are open, what is known of each, and what the next
// transaction must write. It is pure: it knows no libbpf, no SQLite and no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "recorder/fold/batch.h"
#include "recorder/fold/connection_map.h"
#include "recorder/fold/decode.h"
#include "recorder/fold/listener_table.h"
#include "recorder/fold/wall_time.h"

namespace ctrack {

/// The ids of the first rows that a table will make.
struct FirstIds {
    std::int64_t connection;
    std::int64_t listener;
};

class ConnectionTable {
public:
    /// The clock offset is added to the time of every record, which makes it a time of the wall
    /// clock.
    ConnectionTable(const FirstIds& first, std::int64_t clock_offset_us);

    /// Takes in a record. It ignores records of processes, which tell nothing of connections. The
    /// lifecycle records of a connection must come in their order. Its samples may come before
    /// the first and after the last of them.
    void apply(const LifecycleRecord& record);
    void apply(const ctrack_rtt& sample);

    /// The changes since the last call. Of rows that only a walk has changed it gives 16,384 at
    /// most, so that a walk over very many connections makes no large batch. The caller fills in
    /// the processes, losses and clock step of the batch.
    Batch take();

    /// True if take() has left some rows to the next call.
    bool has_more() const { return !refreshed_.empty(); }

    /// Takes back the memory of a batch that was written, for the next one, unless the batch was
    /// larger than usual.
    void reuse(Batch&& written);

    /// Tells that all samples have been applied that were taken before the last call. Connections
    /// that had been closed by then can have no more samples; they are forgotten at the next
    /// take().
    void samples_read();

    /// Between these two calls come the summaries of a walk over all connections, and after them
    /// all lifecycle records that were waiting. An open connection that two walks in a row have not
    /// met is lost: its end was not seen. end_walk() returns false if the batch is full before
    /// all lost connections are found; then it must be called again.
    void begin_walk();
    bool end_walk();

    /// Tells that nothing more will come. Then rows that only samples have changed are written too;
    /// before that they wait, because a later summary, at the latest the next checkpoint, counts
    /// the same samples.
    void end_recording();

    /// Makes all rows changes, because they go into a file that has none of them.
    void write_again();

    std::size_t open_count() const { return open_; }
    std::int64_t next_id() const { return next_id_; }

    /// True when a batch should be taken at once. A batch holds at most 262,144 samples of 32 bytes
    /// (8 MiB); 65,536 events of 48 bytes (3 MiB), changes of listeners being counted with them;
    /// 65,536 changed connections of 296 bytes (19 MiB), most of them with an event; and 16,384
    /// connections that a walk has met again (5 MiB).
    bool samples_full() const;
    bool events_full() const;

    /// True when half of the events or rows are used. A walk stops there, because the other half is
    /// for what comes while it is under way. (It is asked once for each read of a walk, which
    /// brings as much as 8 pages hold.)
    bool walk_full() const;

private:
    struct Connection {
        ConnectionRow row;
        bool changed = false;           ///< listed in changed_
        bool refreshed = false;         ///< listed in refreshed_
        bool sampled = false;           ///< samples were added since the row was written
        bool announced = false;         ///< its event preexisting is stored
        std::uint32_t seen_in_walk = 0; ///< the newest walk that has met it
    };

    Connection& find_or_add(const ConnectionKey& key, std::uint64_t time_ns);
    static ConnectionKey key_of(const ConnectionRow& row);
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
    ConnectionMap<Connection> connections_;
    ListenerTable listeners_;
    std::vector<Connection*> changed_; ///< to be written with the next batch
    /// By id: rows that only a walk has changed, which are written a part at a time.
    std::vector<std::pair<std::int64_t, ConnectionKey>> refreshed_;
    std::vector<ConnectionKey> closed_;      ///< closed since the last samples_read()
    std::vector<ConnectionKey> sampling_;    ///< closed before it; samples may still be waiting
    std::vector<ConnectionKey> forgettable_; ///< closed, and all samples are read
    Batch batch_;
};

} // namespace ctrack
