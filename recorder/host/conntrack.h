// SPDX-License-Identifier: Apache-2.0
//
// Asks the kernel's connection tracking (netfilter) which addresses of a connection are translated
// on its way: by DNAT, SNAT, masquerading or redirection. This file knows libnetfilter_conntrack.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recorder/fold/batch.h"
#include "recorder/host/network_namespaces.h"

namespace ctrack {

class Conntrack {
public:
    Conntrack();

    /// Fills in the translated ends of these rows. It asks in the connection's own network
    /// namespace and then in ours, through which the packets of containers pass, and in both only
    /// if connections are tracked there.
    void translate(std::span<ConnectionRow* const> rows);

private:
    using Rows = std::vector<ConnectionRow*>;

    static void ask_in(std::uint64_t netns, const Rows& rows, NetworkNamespaces& named);
    static std::vector<std::string> files_of(const Rows& rows);

    std::uint64_t own_netns_;
};

} // namespace ctrack
