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
#include "recorder/fold/left_off.h"
#include "recorder/fold/listener_table.h"
#include "recorder/fold/wall_time.h"

namespace ctrack {

/// The ids that the first new rows get.
struct FirstIds {
    std::int64_t connection;
    std::int64_t listener;
};

/// A pass over all open sockets.
struct Walk {
    std::int64_t began_us = 0;
    bool refreshes = true;     ///< rows of connections whose counters have moved are written anew
    bool has_intervals = true; ///< what has moved is told in intervals
};

class ConnectionTable {
public:
    /// The clock offset, added to the time of a record, gives a time of the wall clock.
    ConnectionTable(const FirstIds& first, std::int64_t clock_offset_us);

    /// Says what earlier recordings tell of connections that may go on in this one.
    void carry_on(LeftOffs left_off) { left_off_ = std::move(left_off); }

    /// Takes in a record; those of processes are ignored. The lifecycle records of a connection
    /// must come in their order. Its samples may come before the first and after the last of them.
    void apply(const LifecycleRecord& record);
    void apply(const ctrack_rtt& sample);

    /// Returns what has changed since the last call. Of the rows that only a walk has changed, it
    /// returns at most 16,384, to keep batches small. The caller fills in the processes, losses and
    /// clock step.
    Batch take();

    /// The rows of the next batch whose connections are established, older than the recording or
    /// over. Each connection is among them once: then it can be asked whether its addresses are
    /// translated. They are valid until the next call of another function.
    std::vector<ConnectionRow*> settled();

    /// True if rows that only a walk has changed wait for the next take().
    bool has_more() const { return !refreshed_.empty(); }

    /// Uses the memory of a written batch for the next one, unless that batch was unusually large.
    void reuse(Batch&& written);

    /// Says that every sample taken before the previous call has been applied. Connections that
    /// were closed by then get no more samples, so the next take() forgets them.
    void samples_read();

    /// The summaries of a walk come between begin_walk() and all_met().
    void begin_walk(const Walk& walk = {});
    void all_met() { interval_times_.all_met(); }

    /// Ends, as lost, each open connection that two walks in a row have not met, of those walks
    /// that refresh. It must be called after such a walk and once the lifecycle records that waited
    /// in the rings have come. It returns false if the batch is full first; then call it again.
    bool end_walk();

    /// Says that nothing more comes. Then rows are written too that only samples have changed, or a
    /// walk that does not refresh. Until then they wait for the next summary or such a walk.
    void end_recording();

    /// Marks all rows as changed, because they go into a file that has none of them, and as
    /// preexisting, because they are older than the recording in it. A batch that was taken but not
    /// written goes into that file too, and is changed accordingly.
    void write_again(Batch* unwritten = nullptr);

    std::size_t open_count() const { return open_; }
    std::int64_t next_id() const { return next_id_; }

    /// True when a batch should be taken at once. A batch holds at most 262,144 samples of 32 bytes
    /// (8 MiB); 65,536 events of 48 bytes (3 MiB), changes of listeners being counted with them;
    /// 65,536 changed connections of 432 bytes (27 MiB), most of them with an event; 16,384
    /// connections that a walk has met again (7 MiB); 81,920 intervals of 48 bytes, 16,384 of
    /// them from a walk (4 MiB); the other addresses of such as have some, 80 bytes each (6 MiB);
    /// and what SampleTally needs to count the samples (8 MiB).
    bool samples_full() const;
    bool events_full() const;

    /// True if half of the batch's events or rows are used, or 16,384 connections have moved. A
    /// walk pauses then, because the other half is kept for records that come meanwhile, and
    /// batches of walks are to stay small.
    bool walk_full() const;

private:
    struct Connection {
        // What a walk needs where nothing has moved stands together, to be in one cache line.
        bool changed = false;           ///< listed in changed_
        bool refreshed = false;         ///< listed in refreshed_
        bool stale = false;             ///< a walk that did not refresh has changed the row
        bool moved = false;             ///< listed in moved_
        bool sampled = false;           ///< samples were added since the row was written
        bool announced = false;         ///< its event preexisting is stored
        bool settled = false;           ///< it was among those of settled()
        bool reset_sent = false;        ///< this host sent a reset after its FIN
        std::uint32_t seen_in_walk = 0; ///< the newest refreshing walk that met it, or later
        std::uint32_t sample_slot = 0;  ///< see SampleTally
        ConnectionRow row{};
        std::uint64_t left_established_ns = 0; ///< when it left ESTABLISHED for another state
    };

    /// A connection that the next batch tells of in an interval, and what intervals have told of
    /// it.
    struct Moved {
        Connection* connection;
        Counters told;
    };

    Connection& find_or_add(const ConnectionKey& key, std::uint64_t time_ns);
    static ConnectionKey key_of(const ConnectionRow& row);
    void mark_changed(Connection& connection);
    void mark_refreshed(Connection& connection);
    void add_event(const ConnectionRow& row, const ctrack_event& event, std::int64_t value);
    void apply_event(const ctrack_event& event);
    void apply_requested(const ctrack_requested& requested);
    static bool tells_something(Connection& connection, const ctrack_event& event);
    void apply_summary(const ctrack_summary& summary);
    Connection& connection_of(const ctrack_event& event);
    void retire(Connection& connection);
    void add_attempt(const ctrack_summary& summary);
    void infer_direction(ctrack_summary& summary) const;
    void note_start(Connection& connection);
    Counters told_before(const ctrack_summary& summary);
    Counters told_of(Connection& connection, const Counters& before);
    void note_counters(Connection& connection, std::uint8_t kind, const Counters& before);
    void refresh(Connection& connection, bool has_changed);
    void note_moved(Connection& connection, const Counters& told);
    void tell_moved(Connection& connection);
    bool tell_some(Moved& moved);
    void tell_all_moved();
    void lose(Connection& connection);
    void establish(Connection& connection, std::uint64_t time_ns);
    void close(Connection& connection, std::uint64_t time_ns);
    void explain(Connection& connection);
    void apply_reset(const ctrack_event& event);
    void apply_unmoved(const ctrack_event& event);
    void pick_refreshed();
    void write_changed();
    void forget_closed();
    std::size_t rows() const;
    bool has(std::size_t rows_or_events) const;

    std::int64_t next_id_;
    WallTime wall_time_;
    std::size_t open_ = 0;
    Walk walk_;
    WalkCount refreshing_walks_;
    IntervalTimes interval_times_;
    ConnectionMap<Connection> connections_;
    ListenerTable listeners_;
    std::vector<Connection*> changed_; ///< to be written with the next batch
    LeftOffs left_off_;                ///< of connections that were not met yet
    std::vector<Moved> moved_;
    /// The ids and keys of rows that only a walk has changed; each batch takes some of them.
    std::vector<std::pair<std::int64_t, ConnectionKey>> refreshed_;
    std::vector<ConnectionKey> closed_;      ///< closed since the last samples_read()
    std::vector<ConnectionKey> sampling_;    ///< closed before that; samples may still wait
    std::vector<ConnectionKey> forgettable_; ///< closed, and all samples are read
    Batch batch_;
    SampleTally tally_; ///< of the samples in batch_
};

} // namespace ctrack
