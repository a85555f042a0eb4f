// SPDX-License-Identifier: Apache-2.0
//
// The BPF programs in the kernel, seen from the recorder: loads, attaches and detaches them, walks
// over sockets by iterators, and gives access to the rings.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "common/file_descriptor.h"
#include "recorder/fold/batch.h"
#include "recorder/kernel/merged_rings.h"
#include "recorder/kernel/ring_layout.h"
#include "recorder/kernel/ring_reader.h"

namespace ctrack {

/// How the recorder sees the further life of sockets that are older than itself.
enum class Adoption {
    callbacks,        ///< by TCP's callbacks, like all other sockets
    state_tracepoint, ///< their state changes and ends by a tracepoint, no RTT (before Linux 6.12)
};

/// How connect() errors are seen; the SQL column recordings.connect_errors has the same values.
enum class ConnectErrors { none, fexit, task_work, tracepoint };

struct ProbeOptions {
    RingLayout lifecycle_rings;
    RingLayout sample_rings;
    bool rtt_enabled;
    std::chrono::nanoseconds rtt_min_gap;        ///< least time between two samples of a connection
    std::optional<ConnectErrors> connect_errors; ///< how to see them; nullopt: the cheapest way
    bool verbose;                                ///< libbpf prints its own messages to stderr
};

class Probe {
public:
    /// Loads the programs, which will see the sockets of this cgroup and of those below. `stop` can
    /// be read once the recorder is to stop. Throws Error without the privilege, or if the kernel
    /// lacks something.
    Probe(const ProbeOptions& options, const FileDescriptor& cgroup, const FileDescriptor& stop);
    ~Probe();

    /// Attaches the programs to the cgroup, beside whatever other programs are attached there.
    /// From now on they write to the rings. Throws Error.
    void attach(const FileDescriptor& cgroup);

    /// Begins to adopt the sockets that are older than the probe: finds their owners and sees their
    /// ends from now on. Returns how their further life is seen, or nullopt if there was no socket
    /// to try it on. Throws Error.
    std::optional<Adoption> adopt();

    /// Goes on with the sockets of one more network namespace, of those that a process or
    /// /run/netns names. False if none is left. Throws Error.
    bool adopt_more();

    /// How connect() calls that fail before TCP are seen, once the programs are attached.
    ConnectErrors connect_errors() const;

    /// Whether accept() is seen, once the programs are attached.
    bool sees_accept() const;

    /// Begins a walk over all open connections and listeners. Then walk() hands their summaries to
    /// the handler, and returns false if the handler stopped it; the next call goes on.
    void begin_walk();
    bool walk(const RecordHandler& on_met);

    /// Detaches the programs. When this returns, no call of them is under way. The rings keep what
    /// they hold.
    void detach();

    /// Sleeps until a ring is well filled, until the recorder is to stop, or until the timeout.
    /// True if the recorder is to stop. It also tells the programs how long the machine has been
    /// suspended, because the times of their records depend on that.
    bool wait(std::chrono::milliseconds timeout);

    /// The records that the programs have written.
    MergedRings<RingReader>& lifecycle_rings();
    MergedRings<SampleReader>& sample_rings();

    /// Records lost in the kernel since the programs were loaded, and namespaces not entered.
    Losses losses() const;

    /// Whether the kernel still lets this process read the maps of the programs.
    bool is_readable() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace ctrack
