// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/conntrack.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <optional>

#include <arpa/inet.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "common/file_descriptor.h"
#include "recorder/fold/address_text.h"

namespace ctrack {

namespace {

template <auto destroy> struct Deleter {
    template <class T> void operator()(T* object) const { destroy(object); }
};
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

// The connections that are tracked in the current network namespace. Many are asked for at once,
// and the kernel answers before it takes the next questions: one at a time takes three times as
// long.
class Table {
public:
    static constexpr std::size_t most_at_once = 64; // their answers fit into the socket's buffer

    Table() : socket_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER)) {}

    /// Notes what it finds in the rows, of which there are at most so many.
    void ask(std::span<ConnectionRow* const> rows);

private:
    void append_question(std::uint32_t number, const ctrack_summary& s);
    void take_answers(std::span<ConnectionRow* const> rows, nlmsghdr* answer, std::size_t bytes);

    FileDescriptor socket_;
    std::vector<char> questions_;
};

void Table::append_question(std::uint32_t number, const ctrack_summary& s) {
    alignas(nlmsghdr) std::array<char, 1024> buffer{};
    auto* header = reinterpret_cast<nlmsghdr*>(buffer.data());
    auto* netfilter = static_cast<nfgenmsg*>(NLMSG_DATA(header));
    header->nlmsg_len = NLMSG_LENGTH(sizeof *netfilter);
    header->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET;
    header->nlmsg_flags = NLM_F_REQUEST;
    header->nlmsg_seq = number;
    netfilter->nfgen_family = is_ipv4(s.local_address) ? AF_INET : AF_INET6;
    const Entry asked(nfct_new());
    nfct_set_attr_u8(asked.get(), ATTR_L3PROTO, netfilter->nfgen_family);
    nfct_set_attr_u8(asked.get(), ATTR_L4PROTO, IPPROTO_TCP);
    set(asked.get(), orig_source, local_of(s));
    set(asked.get(), orig_target, peer_of(s));
    nfct_nlmsg_build(header, asked.get());
    questions_.insert(questions_.end(), buffer.data(),
                      buffer.data() + NLMSG_ALIGN(header->nlmsg_len));
}

// An answer that is an error says that the connection is not tracked.
void Table::take_answers(std::span<ConnectionRow* const> rows, nlmsghdr* answer,
                         std::size_t bytes) {
    for (; NLMSG_OK(answer, bytes); answer = NLMSG_NEXT(answer, bytes)) {
        const Entry entry(nfct_new());
        if (answer->nlmsg_seq >= rows.size() || answer->nlmsg_type == NLMSG_ERROR ||
            nfct_nlmsg_parse(answer, entry.get()) != 0)
            continue;
        ConnectionRow& row = *rows[answer->nlmsg_seq];
        if (const auto ends = other_side(entry.get(), local_of(row.summary)))
            note(row, *ends);
    }
}

void Table::ask(std::span<ConnectionRow* const> rows) {
    questions_.clear();
    for (std::size_t i = 0; i < rows.size(); ++i)
        append_question(static_cast<std::uint32_t>(i), rows[i]->summary);
    if (send(socket_.get(), questions_.data(), questions_.size(), 0) < 0)
        return;
    alignas(nlmsghdr) std::array<char, 8192> buffer;
    for (;;) {
        const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got <= 0) // all answers came while the questions were sent
            return;
        take_answers(rows, reinterpret_cast<nlmsghdr*>(buffer.data()),
                     static_cast<std::size_t>(got));
    }
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
    for (; !rows.empty(); rows = rows.subspan(std::min(rows.size(), Table::most_at_once)))
        table.ask(rows.first(std::min(rows.size(), Table::most_at_once)));
}

} // namespace

Conntrack::Conntrack() : own_netns_(network_namespace_of("/proc/thread-self")) {}

void Conntrack::translate(std::span<ConnectionRow* const> rows) {
    struct stat status {};
    if (rows.empty() || stat(count_file, &status) != 0)
        return;
    std::map<std::uint64_t, Rows> by_netns;
    for (ConnectionRow* row : rows)
        by_netns[row->summary.netns].push_back(row);
    NetworkNamespaces named;
    Rows here;
    for (const auto& [netns, of_one] : by_netns) {
        const bool is_own = netns == own_netns_;
        if (!is_own)
            ask_in(netns, of_one, named);
        std::ranges::copy_if(of_one, std::back_inserter(here), [&](const ConnectionRow* row) {
            return is_own || (!row->is_translated() && leaves_its_namespace(row));
        });
    }
    translate_here(here);
}

// An owner of a connection is mostly still there. If all have gone, the namespace is looked for, by
// one search for all such namespaces.
void Conntrack::ask_in(std::uint64_t netns, const Rows& rows, NetworkNamespaces& named) {
    const auto ask = [&] { translate_here(rows); };
    if (run_in_network_namespace(netns, files_of(rows), ask))
        return;
    if (named.empty())
        named = find_network_namespaces();
    run_in_network_namespace(netns, named[netns], ask);
}

std::vector<std::string> Conntrack::files_of(const Rows& rows) {
    std::vector<std::string> files;
    for (const ConnectionRow* row : rows)
        files.push_back(fmt::format("/proc/{}/ns/net", row->summary.owner.pid));
    std::ranges::sort(files);
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return files;
}

} // namespace ctrack
