// SPDX-License-Identifier: Apache-2.0
//
// Who talks with whom on the host that the benchmarks invent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/random.h"
#include "recorder/fold/batch.h"

namespace ctrack::bench {

/// A program of the host. A server accepts at its port, a client connects to it.
struct Program {
    const char* comm;
    bool server;
    std::uint16_t port;
    std::uint64_t peers; ///< with how many it talks
};

struct Owner {
    Program program;
    ProcessRow process;
    std::uint64_t cgroup_id;
};

class Population {
public:
    Population();

    const std::vector<Owner>& owners() const { return owners_; }
    std::vector<CgroupRow> cgroups() const;

    /// Some are far busier than others.
    const Owner& owner_of_next(Random& random) const;

    /// Fills in addresses, ports and the typical round trip time of a peer.
    double choose_peer(Random& random, const Owner& owner, ctrack_summary& summary) const;

private:
    std::vector<Owner> owners_;
};

} // namespace ctrack::bench
