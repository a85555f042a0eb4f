// SPDX-License-Identifier: Apache-2.0
//
// Adopts the sockets that are older than the recorder: finds their owners, and switches the
// callbacks on in one network namespace after the other. This file knows libbpf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "recorder/kernel/bpf_iterator.h"
#include "recorder/kernel/bpf_link.h"
#include "recorder/kernel/probe.h"

#include "bpf/ctrack_event.h"
#include "ctrack.skel.h"

namespace ctrack {

class Adopter {
public:
    /// Finds the owners of all sockets, and sees their ends from now on. Throws Error.
    explicit Adopter(const ctrack_bpf& skeleton);

    /// Goes on in the next network namespace. Those in which a process has a socket come first.
    /// False if none is left. Throws Error.
    bool adopt_next();

    /// Whether the next namespace has a socket that a process has open.
    bool next_has_sockets() const { return !waiting_.empty() && waiting_.back().has_sockets; }

    /// How the further life of what was adopted so far is seen; nullopt if there was no socket yet.
    std::optional<Adoption> way() const;

    /// How many network namespaces could not be entered. It is known when none is left.
    std::size_t missed() const { return missed_; }

    /// When this returns, no further call of a program begins.
    void detach() { ends_.reset(); }

private:
    struct Namespace {
        std::uint64_t inode;
        std::vector<std::string> files; ///< that name it
        bool has_sockets;               ///< and a process has them open
    };

    std::set<std::uint64_t> find_owners() const;
    void switch_on_callbacks();
    void finish();

    const ctrack_bpf& skeleton_;
    Link ends_; ///< of the tracepoint that sees sockets end whose callbacks are not on
    BpfIterator iterator_;
    std::vector<Namespace> waiting_; ///< the last one is the next
    std::set<std::uint64_t> not_entered_;
    std::optional<bool> all_on_; ///< false: the kernel refused it; nullopt: there was no socket
    std::size_t missed_ = 0;
};

} // namespace ctrack
