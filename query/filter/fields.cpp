// SPDX-License-Identifier: Apache-2.0
#include "query/filter/fields.h"

#include <array>
#include <stdexcept>

namespace ctrack::query::filter {

namespace {

constexpr std::array all_fields{
    Field{"pid", Type::integer, "pid", "", true, "of the owner"},
    Field{"comm", Type::text, "comm", "", true, "name of the program"},
    Field{"exe", Type::text, "exe", "", true, "path of the program"},
    Field{"cmdline", Type::text, "cmdline", "", true, "command line"},
    Field{"uid", Type::integer, "uid", "", true, "owner of the socket"},
    Field{"unit", Type::unit, "systemd_unit", "", true, "systemd unit; nginx: nginx.service"},
    Field{"user_unit", Type::unit, "systemd_user_unit", "", true, "unit of a user's own systemd"},
    Field{"slice", Type::text, "systemd_slice", "", true, "systemd slice"},
    Field{"container", Type::container, "container_id", "", true, "beginning of its id"},
    Field{"cgroup", Type::text, "cgroup_path", "", true, "path below the cgroup2 root"},
    Field{"socket_cgroup", Type::text, "socket_cgroup_path", "", false, "where it was made"},
    Field{"local", Type::address, "local_address", "", true, "address of this host, or a network"},
    Field{"peer", Type::address, "peer_address", "", false, "address of the other end"},
    Field{"address", Type::address, "local_address", "peer_address", true, "of either end"},
    Field{"local port", Type::port, "local_port", "", true, "number, list or range"},
    Field{"peer port", Type::port, "peer_port", "", false, "number, list or range"},
    Field{"port", Type::port, "local_port", "peer_port", true, "of either end"},
    Field{"family", Type::family, "family", "", true, "ipv4 or ipv6"},
    Field{"netns", Type::integer, "netns", "", true, "inode number of the network namespace"},
    Field{"interface", Type::text, "interface", "", true, "to which the socket is bound, as eth0"},
    Field{"requested", Type::address, "requested_address", "", false, "by connect(), then changed"},
    Field{"nat_local", Type::address, "nat_local_address", "", false,
          "local, translated on the way"},
    Field{"nat_peer", Type::address, "nat_peer_address", "", false, "peer, translated on the way"},
    Field{"hostname", Type::text, "hostname", "", true, "host that was recorded"},
    Field{"direction", Type::direction, "direction", "", false, "active: this end connected"},
    Field{"outcome", Type::outcome, "outcome", "", false, "open, closed, failed, refused ..."},
    Field{"error", Type::error, "errno", "", false, "as ECONNREFUSED or 111"},
    Field{"closed_by", Type::closed_by, "closed_by", "", false, "local, peer, both or unknown"},
    Field{"rtt", Type::duration, "rtt_avg_us", "", false, "average round trip"},
    Field{"rtt_min", Type::duration, "rtt_min_us", "", false, "shortest round trip"},
    Field{"rtt_max", Type::duration, "rtt_max_us", "", false, "longest round trip"},
    Field{"connect", Type::duration, "connect_us", "", false, "handshake of this end's connect()"},
    Field{"duration", Type::duration, "duration_us", "", false, "from opened to closed"},
    Field{"bytes", Type::size, "(bytes_sent + bytes_received)", "", false, "payload, both ways"},
    Field{"sent", Type::size, "bytes_sent", "", false, "payload"},
    Field{"received", Type::size, "bytes_received", "", false, "payload"},
    Field{"retrans", Type::integer, "retrans_segs", "", false, "segments sent again"},
    Field{"rtos", Type::integer, "rtos", "", false, "retransmission timeouts"},
    Field{"busy", Type::duration, "busy_us", "", false, "data was on the way or held up"},
    Field{"limited", Type::duration, "(rwnd_limited_us + sndbuf_limited_us)", "", false,
          "held up by the next two"},
    Field{"rwnd_limited", Type::duration, "rwnd_limited_us", "", false, "by the peer's window"},
    Field{"sndbuf_limited", Type::duration, "sndbuf_limited_us", "", false, "by the send buffer"},
    Field{"wait", Type::duration, "answer_us", "", false, "longest for the server's answer"},
    Field{"idle", Type::duration, "idle_us", "", false, "longest for the client to ask"},
    Field{"waits_for", Type::end, "iif(waited_until_us >= alive_until_us, waits_for, NULL)", "",
          false, "peer or local, while open"},
    Field{"opened", Type::time, "opened_us", "", true, "when"},
    Field{"closed", Type::time, "closed_us", "", true, "when"},
    Field{"failed", Type::flag, "is_failure", "", false, ""},
    // People type these names if they know the columns or other tools.
    Field{"host", Type::address, "local_address", "peer_address", true, ""},
    Field{"net", Type::address, "local_address", "peer_address", true, ""},
    Field{"src", Type::address, "local_address", "", true, ""},
    Field{"src host", Type::address, "local_address", "", true, ""},
    Field{"src port", Type::port, "local_port", "", true, ""},
    Field{"sport", Type::port, "local_port", "", true, ""},
    Field{"dst", Type::address, "peer_address", "", false, ""},
    Field{"dst host", Type::address, "peer_address", "", false, ""},
    Field{"dst port", Type::port, "peer_port", "", false, ""},
    Field{"dport", Type::port, "peer_port", "", false, ""},
    Field{"local address", Type::address, "local_address", "", true, ""},
    Field{"local_address", Type::address, "local_address", "", true, ""},
    Field{"local_port", Type::port, "local_port", "", true, ""},
    Field{"peer address", Type::address, "peer_address", "", false, ""},
    Field{"peer_address", Type::address, "peer_address", "", false, ""},
    Field{"peer_port", Type::port, "peer_port", "", false, ""},
    Field{"requested_address", Type::address, "requested_address", "", false, ""},
    Field{"nat_local_address", Type::address, "nat_local_address", "", false, ""},
    Field{"nat_peer_address", Type::address, "nat_peer_address", "", false, ""},
    Field{"state", Type::outcome, "outcome", "", false, ""},
    Field{"errno", Type::error, "errno", "", false, ""},
    Field{"rtt_avg", Type::duration, "rtt_avg_us", "", false, ""},
    Field{"handshake", Type::duration, "connect_us", "", false, ""},
    Field{"bytes_sent", Type::size, "bytes_sent", "", false, ""},
    Field{"bytes_received", Type::size, "bytes_received", "", false, ""},
};

constexpr std::array<std::string_view, 3> directions{"active", "passive", "unknown"};
constexpr std::array<std::string_view, 4> closers{"local", "peer", "both", "unknown"};
constexpr std::array<std::string_view, 2> ends{"peer", "local"};
constexpr std::array<std::string_view, 4> families{"ipv4", "ipv6", "4", "6"};
constexpr std::array<std::string_view, 10> outcomes{"open",    "closed",      "failed", "refused",
                                                    "timeout", "unreachable", "reset",  "aborted",
                                                    "repair",  "lost"};

} // namespace

std::span<const Field> fields() { return all_fields; }

const Field* find_field(std::string_view name) {
    for (const auto& field : all_fields)
        if (field.name == name)
            return &field;
    return nullptr;
}

const Field& field(std::string_view name) {
    if (const auto* found = find_field(name))
        return *found;
    throw std::logic_error("no field " + std::string(name));
}

std::vector<std::string> field_names() {
    std::vector<std::string> names;
    for (const auto& field : all_fields)
        names.emplace_back(field.name);
    return names;
}

std::span<const std::string_view> words_of(Type type) {
    switch (type) {
    case Type::direction: return directions;
    case Type::outcome: return outcomes;
    case Type::closed_by: return closers;
    case Type::end: return ends;
    case Type::family: return families;
    default: return {};
    }
}

} // namespace ctrack::query::filter
