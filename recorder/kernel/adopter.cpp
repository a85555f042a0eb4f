// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/adopter.h"

#include <algorithm>
#include <utility>

#include "recorder/host/network_namespaces.h"

namespace ctrack {

Adopter::Adopter(const ctrack_bpf& skeleton)
    : skeleton_(skeleton), ends_(attach_tracepoint(skeleton.progs.ctrack_old_socket_state)),
      iterator_(skeleton.progs.ctrack_switch_on) {
    const auto with_sockets = find_owners();
    NetworkNamespaces named = find_network_namespaces();
    for (const std::uint64_t inode : with_sockets)
        named.try_emplace(inode); // if nothing names it, it cannot be entered
    for (auto& [inode, files] : named)
        waiting_.push_back({inode, std::move(files), with_sockets.contains(inode)});
    std::stable_partition(waiting_.begin(), waiting_.end(),
                          [](const Namespace& n) { return !n.has_sockets; });
}

// Returns the network namespaces of the sockets that processes have open.
std::set<std::uint64_t> Adopter::find_owners() const {
    std::set<std::uint64_t> namespaces;
    BpfIterator(skeleton_.progs.ctrack_find_owners).run<std::uint32_t>([&](std::uint32_t netns) {
        namespaces.insert(netns);
        return true;
    });
    return namespaces;
}

// An iterator over the sockets of a namespace looks at all places of the kernel's table, which
// takes milliseconds. So it is not run where there is no socket. One that no process has open,
// because it is just closing, is met too.
bool Adopter::adopt_next() {
    if (waiting_.empty())
        return false;
    const Namespace next = std::move(waiting_.back());
    waiting_.pop_back();
    const bool entered = run_in_network_namespace(next.inode, next.files, [&] {
        if (next.has_sockets || count_tcp_sockets() > 0)
            switch_on_callbacks();
    });
    if (!entered)
        not_entered_.insert(next.inode);
    if (waiting_.empty())
        finish();
    return !waiting_.empty();
}

void Adopter::switch_on_callbacks() {
    iterator_.run<int>([this](int result) {
        all_on_ = all_on_.value_or(true) && result == 0;
        return true;
    });
}

// A namespace that was not entered is missed, unless it has ended meanwhile.
void Adopter::finish() {
    const auto is_gone = [with_sockets =
                              not_entered_.empty() ? std::set<std::uint64_t>() : find_owners(),
                          named = find_network_namespaces()](std::uint64_t inode) {
        return !with_sockets.contains(inode) && !named.contains(inode);
    };
    std::erase_if(not_entered_, is_gone);
    missed_ = not_entered_.size();
    if (missed_ == 0 && all_on_.value_or(true))
        ends_.reset();
}

std::optional<Adoption> Adopter::way() const {
    if (!all_on_)
        return std::nullopt;
    return *all_on_ ? Adoption::callbacks : Adoption::state_tracepoint;
}

} // namespace ctrack
