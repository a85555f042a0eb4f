// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/conntrack.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>

#include <arpa/inet.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "recorder/fold/address_text.h"
#include "recorder/host/network_namespaces.h"

namespace ctrack {

namespace {

template <auto destroy> struct Deleter {
    template <class T> void operator()(T* object) const { destroy(object); }
};
using Handle = std::unique_ptr<nfct_handle, Deleter<nfct_close>>;
using Entry = std::unique_ptr<nf_conntrack, Deleter<nfct_destroy>>;

// The attributes of the source and of the destination of one direction.
struct Attributes {
    nf_conntrack_attr ipv4, ipv6, port;
};
constexpr Attributes orig_source{ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC, ATTR_ORIG_PORT_SRC};
constexpr Attributes orig_target{ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST, ATTR_ORIG_PORT_DST};
constexpr Attributes reply_source{ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC, ATTR_REPL_PORT_SRC};
constexpr Attributes reply_target{ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_DST, ATTR_REPL_PORT_DST};

constexpr std::size_t ipv4_offset = 12; // of an IPv4 address in ::ffff:a.b.c.d

Endpoint local_of(const ctrack_summary& s) { return Endpoint::of(s.local_address, s.local_port); }
Endpoint peer_of(const ctrack_summary& s) { return Endpoint::of(s.peer_address, s.peer_port); }

void set(nf_conntrack* entry, const Attributes& names, const Endpoint& end) {
    if (is_ipv4(end.address))
        nfct_set_attr(entry, names.ipv4, end.address + ipv4_offset);
    else
        nfct_set_attr(entry, names.ipv6, end.address);
    nfct_set_attr_u16(entry, names.port, htons(end.port));
}

Endpoint get(const nf_conntrack* entry, const Attributes& names) {
    Endpoint end{};
    if (const void* ipv4 = nfct_get_attr(entry, names.ipv4)) {
        end.address[10] = end.address[11] = 0xff;
        std::memcpy(end.address + ipv4_offset, ipv4, 4);
    } else if (const void* ipv6 = nfct_get_attr(entry, names.ipv6)) {
        std::memcpy(end.address, ipv6, sizeof end.address);
    }
    end.port = ntohs(nfct_get_attr_u16(entry, names.port));
    return end;
}

// The ends as the other end of the connection knows them.
struct Ends {
    Endpoint local;
    Endpoint peer;
};

// Each entry has the addresses of packets in both directions. Packets of this end are those of the
// original direction where it has opened the connection, else those of the reply.
std::optional<Ends> other_side(const nf_conntrack* entry, const Endpoint& local) {
    if (get(entry, orig_source) == local)
        return Ends{get(entry, reply_target), get(entry, reply_source)};
    if (get(entry, reply_source) == local)
        return Ends{get(entry, orig_target), get(entry, orig_source)};
    return std::nullopt;
}

// The connections that are tracked in the current network namespace.
class Table {
public:
    Table() : handle_(nfct_open(CONNTRACK, 0)) {
        if (handle_)
            nfct_callback_register(handle_.get(), NFCT_T_ALL, take, this);
    }

    /// nullopt if the connection is not tracked.
    std::optional<Ends> find(const ctrack_summary& s) {
        const Entry asked(nfct_new());
        local_ = local_of(s);
        found_.reset();
        nfct_set_attr_u8(asked.get(), ATTR_L3PROTO, is_ipv4(s.local_address) ? AF_INET : AF_INET6);
        nfct_set_attr_u8(asked.get(), ATTR_L4PROTO, IPPROTO_TCP);
        set(asked.get(), orig_source, local_);
        set(asked.get(), orig_target, peer_of(s));
        if (handle_)
            nfct_query(handle_.get(), NFCT_Q_GET, asked.get());
        return found_;
    }

private:
    static int take(nf_conntrack_msg_type, nf_conntrack* entry, void* self) {
        auto& table = *static_cast<Table*>(self);
        table.found_ = other_side(entry, table.local_);
        return NFCT_CB_CONTINUE;
    }

    Handle handle_;
    Endpoint local_{};
    std::optional<Ends> found_;
};

void note(ConnectionRow& row, const Ends& ends) {
    const bool same_local = ends.local == local_of(row.summary);
    const bool same_peer = ends.peer == peer_of(row.summary);
    if (same_local && same_peer)
        return;
    Aliases aliases = row.aliases ? *row.aliases : Aliases{};
    aliases.nat_local = same_local ? Endpoint{} : ends.local;
    aliases.nat_peer = same_peer ? Endpoint{} : ends.peer;
    row.aliases = std::make_shared<const Aliases>(aliases);
}

constexpr const char* count_file = "/proc/sys/net/netfilter/nf_conntrack_count";

// How many connections are tracked in the current network namespace. To ask the table itself would
// load a module into the kernel where there is none.
std::int64_t tracked() {
    std::int64_t count = 0;
    std::ifstream(count_file) >> count;
    return count;
}

bool leaves_its_namespace(const ConnectionRow* row) {
    return !is_loopback(row->summary.peer_address);
}

void translate_here(std::span<ConnectionRow* const> rows) {
    if (tracked() == 0)
        return;
    Table table;
    for (ConnectionRow* row : rows)
        if (const auto ends = table.find(row->summary))
            note(*row, *ends);
}

std::uint64_t current_netns() {
    struct stat status {};
    stat("/proc/thread-self/ns/net", &status);
    return status.st_ino;
}

} // namespace

Conntrack::Conntrack() : own_netns_(current_netns()) {}

void Conntrack::translate(std::span<ConnectionRow* const> rows) {
    struct stat status {};
    if (rows.empty() || stat(count_file, &status) != 0)
        return;
    std::map<std::uint64_t, Rows> by_netns;
    for (ConnectionRow* row : rows)
        by_netns[row->summary.netns].push_back(row);
    Rows here;
    for (const auto& [netns, of_one] : by_netns) {
        if (netns != own_netns_)
            ask_in(netns, of_one);
        std::ranges::copy_if(of_one, std::back_inserter(here), [&](const ConnectionRow* row) {
            return netns == own_netns_ || (!row->is_translated() && leaves_its_namespace(row));
        });
    }
    translate_here(here);
}

// An owner of a connection is mostly still there. If all have gone, the namespace is looked for.
bool Conntrack::ask_in(std::uint64_t netns, const Rows& rows) {
    const auto ask = [&] { translate_here(rows); };
    if (run_in_network_namespace(netns, files_of(rows), ask))
        return true;
    NetworkNamespaces named = find_network_namespaces();
    return run_in_network_namespace(netns, named[netns], ask);
}

std::vector<std::string> Conntrack::files_of(const Rows& rows) {
    std::vector<std::string> files;
    for (const ConnectionRow* row : rows)
        files.push_back(fmt::format("/proc/{}/ns/net", row->summary.owner.pid));
    std::ranges::sort(files);
    const auto rest = std::ranges::unique(files);
    files.erase(rest.begin(), rest.end());
    return files;
}

} // namespace ctrack
