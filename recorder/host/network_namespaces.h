// SPDX-License-Identifier: Apache-2.0
//
// The network namespaces of this host, entered one at a time, so that however many there are, one
// descriptor is enough.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ctrack {

/// The files that name a network namespace, by the namespace's inode number.
using NetworkNamespaces = std::map<std::uint64_t, std::vector<std::string>>;

/// Those that a process or /run/netns names.
NetworkNamespaces find_network_namespaces();

/// The number of the network namespace of a process, by its directory such as /proc/1; 0 if the
/// process has gone.
std::uint64_t network_namespace_of(const std::string& process);

/// Whether others could be entered. Tried on our own, which takes the same right. If not, errno
/// says why.
bool can_enter_network_namespaces();

/// Calls the function in the network namespace that one of these files names, and returns to our
/// own. False if none of them could be entered; then errno says why. Throws Error.
bool run_in_network_namespace(std::uint64_t inode, const std::vector<std::string>& files,
                              const std::function<void()>& function);

/// How many TCP sockets there are in the current network namespace. Those in TIME_WAIT and
/// half-open requests are not counted.
std::int64_t count_tcp_sockets();

} // namespace ctrack
