// SPDX-License-Identifier: Apache-2.0
//
// What one transaction writes. The connection table fills it and the writer reads it; it knows
// neither BPF's rings nor SQLite.
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

/// What is known of a connection: a row of the SQL table connections.
struct ConnectionRow {
    std::int64_t id;
    StartKind start_kind;
    bool has_summary; ///< false if only events of it are known, and no address or owner
    /// Reports cannot find it by its batch: the batch that first had it knew a later opened_us, or
    /// went into a file that was set aside.
    bool off_batch = false;
    std::int64_t opened_us;
    std::optional<std::int64_t> established_us;
    std::optional<std::int64_t> closed_us;
    std::int64_t last_seen_us;
    Ending ending;
    ctrack_summary summary; ///< the newest one, with the samples since then added
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

struct Batch {
    std::vector<ProcessRow> processes; ///< owners seen for the first time
    std::vector<CgroupRow> cgroups;    ///< cgroups seen for the first time
    std::vector<ListenerRow> listeners;
    std::vector<ConnectionRow> connections; ///< in the order of their ids, each once
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
