// SPDX-License-Identifier: Apache-2.0
//
// What one transaction writes. Filled by the connection table, read by the
// writer; nothing here knows BPF's rings or SQLite.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bpf/ctrack_event.h"
#include "recorder/fold/outcome.h"
#include "recorder/fold/rtt_row.h"

namespace ctrack {

enum class StartKind { seen, preexisting };

/// State of a connection as far as it is known; one row of connections.
struct ConnectionRow {
    std::int64_t id;
    StartKind start_kind;
    bool has_summary; ///< false: only single events are known of it, no address, no owner
    bool written_bare =
        false; ///< an earlier batch had it without a summary, so with a later opened_us
    std::int64_t opened_us;
    std::optional<std::int64_t> established_us;
    std::optional<std::int64_t> closed_us;
    std::int64_t last_seen_us;
    Ending ending;
    ctrack_summary summary; ///< the newest, samples since then added in
};

/// A listening socket; one row of listeners.
struct ListenerRow {
    std::int64_t id;
    StartKind start_kind;
    std::int64_t opened_us;
    std::optional<std::int64_t> closed_us;
    ctrack_summary summary; ///< as it began, or was first met
};

/// What /proc says of an owner; empty where the process had gone.
struct ProcessRow {
    ctrack_owner owner;
    std::optional<std::string> exe;
    std::optional<std::string> cmdline;
    std::optional<std::int64_t> uid;
    std::optional<std::int64_t> parent_pid;
};

/// Where a socket was made; no path where the cgroup had gone.
struct CgroupRow {
    std::uint64_t kernel_id;
    std::optional<std::string> path;
};

/// Row of events: the fields are its columns, in order.
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

/// Lost since the batch before, by cause. See the columns lost_* of batches.
struct Losses {
    std::int64_t lifecycle_ring = 0;
    std::int64_t sample_ring = 0;
    std::int64_t no_storage = 0;
    std::int64_t decode_reject = 0;

    std::int64_t total() const { return lifecycle_ring + sample_ring + no_storage + decode_reject; }
};

struct Batch {
    std::vector<ProcessRow> processes; ///< owners seen for the first time
    std::vector<CgroupRow> cgroups;    ///< likewise
    std::vector<ListenerRow> listeners;
    std::vector<ConnectionRow> connections; ///< in the order of their ids, none twice
    std::vector<EventRow> events;
    std::vector<RttRow> rtt_samples;
    std::optional<ctrack_rtt_source> rtt_source;
    Losses losses;
    std::int64_t clock_step_us = 0;

    bool empty() const {
        return processes.empty() && cgroups.empty() && listeners.empty() && connections.empty() &&
               events.empty() && rtt_samples.empty() && losses.total() == 0;
    }
};

} // namespace ctrack
