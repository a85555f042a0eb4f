// SPDX-License-Identifier: Apache-2.0
//
// What the kernel counts of attempts to connect that no socket of their own tells, in each network
// namespace: /proc/net/snmp and /proc/net/netstat.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "recorder/fold/batch.h"

namespace ctrack {

/// The counters of such a file by the names that nstat gives them, as in TcpOutRsts.
std::unordered_map<std::string, std::int64_t> read_counters(std::istream& file);

class NetnsCounters {
public:
    /// Reads the counters of each namespace that a process or /run/netns names. What a namespace
    /// had counted when it was first read is left out, because it is not known since when.
    void read(std::int64_t now_us);

    /// Takes in what was read in one namespace.
    void note(std::uint64_t netns, const NetnsCounts& counts, std::int64_t now_us);

    /// What was counted between the reads since the last call, where that is something.
    std::vector<NetnsRow> take();

private:
    void read_one(std::uint64_t netns, const std::vector<std::string>& files, std::int64_t now_us);

    /// At the first or the last of some reads.
    struct Reading {
        NetnsCounts counts;
        std::int64_t time_us;
    };
    struct Namespace {
        Reading told, newest;
    };

    /// 1,024 at most, of 128 bytes. To read so many takes 0.1 s.
    std::map<std::uint64_t, Namespace> namespaces_;
};

} // namespace ctrack
