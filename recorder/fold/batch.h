// SPDX-License-Identifier: Apache-2.0
//
// What one transaction writes. The connection table fills it and the writer reads it; it knows
// neither BPF's rings nor SQLite.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bpf/ctrack_event.h"
#include "recorder/fold/interval_row.h"
#include "recorder/fold/minute_rtts.h"
#include "recorder/fold/outcome.h"
#include "recorder/fold/rtt_row.h"
#include "recorder/fold/waits.h"

namespace ctrack {

enum class StartKind { seen, preexisting };

/// An address and a port; port 0 stands for none.
struct Endpoint {
    unsigned char address[16]; ///< IPv4 as ::ffff:a.b.c.d
    std::uint16_t port;

    static Endpoint of(const unsigned char (&address)[16], std::uint16_t port) {
        Endpoint end{{}, port};
        std::ranges::copy(address, end.address);
        return end;
    }
    bool operator==(const Endpoint&) const = default;
};

/// By what else the ends of a connection are known. Few connections have such.
struct Aliases {
    Endpoint requested; ///< what connect() was called with, if a BPF program changed that
    Endpoint nat_local; ///< this end as the other end knows it, if that is translated on the way
    Endpoint nat_peer;  ///< the other end as it knows itself, if that is translated on the way
};

/// What is known of a connection: a row of the SQL table connections.
struct ConnectionRow {
    std::int64_t id;
    StartKind start_kind;
    bool has_summary; ///< false if only events of it are known, and no address or owner
    /// Reports cannot find it by its batch: the batch that first had it knew a later opened_us, or
    /// went into a file that was set aside.
    bool off_batch = false;
    bool has_intervals = false; ///< they tell when its bytes moved
    std::int64_t opened_us;
    std::optional<std::int64_t> established_us;
    std::optional<std::int64_t> closed_us;
    std::int64_t last_seen_us;
    Ending ending;
    ctrack_summary summary; ///< the newest one, with the samples since then added
    Waits waits{};
    std::shared_ptr<const Aliases> aliases{};
    std::int64_t counters_us =
        0; ///< when the counters were read, the time of an interval being its end
    std::uint64_t bytes_sent_before = 0;     ///< what had moved before the recording met it ...
    std::uint64_t bytes_received_before = 0; ///< ... in either direction

    bool is_translated() const {
        return aliases && (aliases->nat_local.port || aliases->nat_peer.port);
    }
};

/// A listening socket: a row of the SQL table listeners.
struct ListenerRow {
    std::int64_t id;
    StartKind start_kind;
    std::int64_t opened_us;
    std::optional<std::int64_t> closed_us;
    ctrack_summary summary; ///< from when it began or was first met
};

/// What an owner told of itself, and what /proc adds. Fields are empty where nobody knows.
struct ProcessRow {
    ctrack_owner owner;
    std::optional<std::string> exe;
    std::optional<std::string> cmdline;
    std::optional<std::int64_t> uid;
    std::optional<std::int64_t> parent_pid;
};

/// The cgroup in which a process was, or a socket was made. It has no path where the cgroup had
/// gone.
struct CgroupRow {
    std::uint64_t kernel_id;
    std::optional<std::string> path;
};

/// A row of the SQL table events: the fields are its columns, in order.
struct EventRow {
    static constexpr const char* columns =
        "connection_id, time_us, kind, old_state, new_state, value";

    std::int64_t connection_id;
    std::int64_t time_us;
    std::int64_t kind;
    std::int64_t old_state;
    std::int64_t new_state;
    std::int64_t value;
};

/// Records lost since the batch before, by cause; see the columns lost_* of batches.
struct Losses {
    std::int64_t lifecycle_ring = 0;
    std::int64_t sample_ring = 0;
    std::int64_t no_storage = 0;
    std::int64_t netns = 0;
    std::int64_t decode_reject = 0;
    std::int64_t file = 0;

    std::int64_t total() const {
        return lifecycle_ring + sample_ring + no_storage + netns + decode_reject + file;
    }
};

/// What an accept queue held in one interval: a row of the SQL table accept_queues.
struct AcceptQueueRow {
    std::int64_t listener_id;
    std::int64_t from_us, until_us;
    std::int64_t length = 0; ///< at until_us
    std::int64_t longest = 0;
    std::int64_t limit = 0;
    std::int64_t drops = 0;
};

/// What the kernel counts in a network namespace of attempts to connect; see the columns of
/// netns_counters.
struct NetnsCounts {
    std::int64_t attempt_fails = 0;
    std::int64_t resets_sent = 0;
    std::int64_t listen_overflows = 0;
    std::int64_t listen_drops = 0;
    std::int64_t syn_queue_drops = 0;
    std::int64_t syn_cookies_sent = 0;

    bool operator==(const NetnsCounts&) const = default;
    NetnsCounts operator-(const NetnsCounts& before) const {
        return {
            attempt_fails - before.attempt_fails,       resets_sent - before.resets_sent,
            listen_overflows - before.listen_overflows, listen_drops - before.listen_drops,
            syn_queue_drops - before.syn_queue_drops,   syn_cookies_sent - before.syn_cookies_sent};
    }
};

/// What was counted there in one interval: a row of the SQL table netns_counters.
struct NetnsRow {
    std::uint64_t netns;
    std::int64_t from_us, until_us;
    NetnsCounts counts;
};

struct Batch {
    std::vector<ProcessRow> processes; ///< owners seen for the first time
    std::vector<CgroupRow> cgroups;    ///< cgroups seen for the first time
    std::vector<ListenerRow> listeners;
    std::vector<ConnectionRow> connections; ///< in the order of their ids, each once
    std::vector<EventRow> events;
    std::vector<RttRow> rtt_samples;
    std::vector<MinuteRtts> minute_rtts; ///< the samples, counted
    std::vector<IntervalRow> intervals;
    std::int64_t intervals_from_us = 0; ///< begin and end of all intervals, if there are some
    std::int64_t intervals_until_us = 0;
    std::optional<ctrack_rtt_source> rtt_source;
    Losses losses;
    std::vector<AcceptQueueRow> accept_queues;
    std::vector<NetnsRow> netns_counters;
    std::int64_t clock_step_us = 0;

    bool empty() const {
        return processes.empty() && cgroups.empty() && listeners.empty() && connections.empty() &&
               events.empty() && rtt_samples.empty() && intervals.empty() && losses.total() == 0 &&
               accept_queues.empty() && netns_counters.empty();
    }
};

} // namespace ctrack
