// SPDX-License-Identifier: Apache-2.0
//
// The kernel half: loads, attaches and detaches the sock_ops program and reads
// its rings. With its parts (probe_rings, ring, bpf_link, bpf_iterator, connect_errors) all
// that includes libbpf.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "common/file_descriptor.h"
#include "recorder/fold/batch.h"
#include "recorder/kernel/connect_errors.h"
#include "recorder/kernel/ring_reader.h"
#include "recorder/kernel/rings.h"
#include "recorder/kernel/sample_reader.h"

namespace ctrack {

struct ProbeOptions {
    std::uint64_t lifecycle_ring_bytes; ///< of all lifecycle rings; rounded up to a power of two
    std::uint64_t sample_ring_bytes;    ///< likewise
    bool rtt_enabled;
    std::chrono::nanoseconds rtt_min_gap;        ///< least time between two samples of a connection
    std::optional<ConnectErrors> connect_errors; ///< how to see them; nullopt: as is cheapest
    bool verbose;                                ///< libbpf's own messages to stderr
};

/// How sockets older than the recorder are seen from its start on.
enum class Adoption {
    callbacks,        ///< like all others
    state_tracepoint, ///< their state changes and ends, no RTT (before Linux 6.12)
};

class Probe {
public:
    using Handler = RecordHandler;

    /// Loads the program and attaches it to the cgroup: from now on it sees the
    /// sockets of this cgroup and those below, beside whatever other programs are
    /// attached there. Throws Error: no privilege, or a kernel that lacks something.
    Probe(const ProbeOptions& options, const FileDescriptor& cgroup, Handler on_lifecycle,
          Handler on_sample);
    ~Probe();

    /// Takes in the sockets that are older than the probe: finds their owners and
    /// switches their callbacks on, in all network namespaces that a process or
    /// /run/netns names. Says how their further life is seen; nullopt if there was
    /// no socket to try it on. Throws Error.
    std::optional<Adoption> adopt();

    /// How connect() calls that fail before TCP are seen, if they are.
    ConnectErrors connect_errors() const;

    /// From here on walk() hands a summary of every connection under way to the handler.
    /// False if that has stopped it: the next call goes on.
    void begin_walk();
    bool walk(const Handler& on_summary);

    /// Sees nothing more; the rings keep what they hold. When it returns, no
    /// call of the program is under way.
    void detach();

    /// Makes wait() look at this descriptor too.
    void watch(int descriptor);

    /// Sleeps until a ring is well filled, the watched descriptor can be read, or
    /// the timeout. True if the descriptor can be read. Afterwards the program knows how
    /// long the machine has slept, for the times of its records.
    bool wait(std::chrono::milliseconds timeout);

    /// What the program has written, to be drained into the handlers.
    Rings<RingReader>& lifecycle_rings();
    Rings<SampleReader>& sample_rings();

    /// Records lost in the kernel since the program was loaded.
    Losses losses() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace ctrack
