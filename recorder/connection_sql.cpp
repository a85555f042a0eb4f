// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection_sql.h"

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "recorder/sql_bind.h"

namespace ctrack {

const char* const replace_connection = R"sql(
REPLACE INTO connections (
  id, recording_id, cookie, generation, netns, process_id, cgroup_id, uid, start_kind,
  family, local_address, local_port, peer_address, peer_port, direction, pid_source,
  opened_us, established_us, closed_us, connect_us, duration_us, outcome, errno, closed_by,
  rtt_min_us, rtt_avg_us, rtt_max_us, rtt_samples, bytes_sent, bytes_received,
  segs_sent, segs_received, retrans_segs, rtos, delivery_rate_bps, mss, congestion)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
        ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

const char* const replace_listener = R"sql(
REPLACE INTO listeners (
  id, recording_id, cookie, family, local_address, local_port, netns, process_id, pid_source,
  cgroup_id, uid, start_kind, opened_us, closed_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

namespace {

using Address = unsigned char[16];

bool is_ipv4(const Address& address) {
    in6_addr in6;
    std::memcpy(&in6, address, sizeof in6);
    return IN6_IS_ADDR_V4MAPPED(&in6);
}

const char* name_of(StartKind kind) { return kind == StartKind::seen ? "seen" : "preexisting"; }

const char* direction_name(unsigned direction) {
    switch (direction) {
    case CTRACK_ACTIVE: return "active";
    case CTRACK_PASSIVE: return "passive";
    default: return "unknown";
    }
}

const char* pid_source_name(unsigned source) {
    switch (source) {
    case CTRACK_PID_CONNECT: return "connect";
    case CTRACK_PID_LISTENER: return "listener";
    case CTRACK_PID_CLOSER: return "closer";
    case CTRACK_PID_SCAN: return "scan";
    case CTRACK_PID_ACCEPT: return "accept";
    default: return "unknown";
    }
}

template <class Value> std::optional<Value> if_known(bool known, Value value) {
    return known ? std::optional(std::move(value)) : std::nullopt;
}

// Before TCP chose one, a socket has no local address.
std::optional<std::string> chosen_address(const Address& address) {
    in6_addr in6;
    std::memcpy(&in6, address, sizeof in6);
    const bool chosen = !IN6_IS_ADDR_UNSPECIFIED(&in6) && (!is_ipv4(address) || in6.s6_addr32[3]);
    return if_known(chosen, address_text(address));
}

std::optional<std::int64_t> connect_us(const ConnectionRow& row) {
    return if_known(row.summary.direction == CTRACK_ACTIVE && row.established_us.has_value(),
                    row.established_us.value_or(0) - row.opened_us);
}

std::string congestion_of(const ctrack_summary& s) {
    return {s.congestion, strnlen(s.congestion, sizeof s.congestion)};
}

// The kernel's last rate sample, as tcp_info's tcpi_delivery_rate is made of it.
std::optional<std::int64_t> delivery_rate_bps(const ctrack_summary& s) {
    if (s.rate_interval_us == 0)
        return std::nullopt;
    return std::int64_t{s.rate_delivered} * s.mss * 8 * 1'000'000 / s.rate_interval_us;
}

} // namespace

std::string address_text(const Address& address) {
    char text[INET6_ADDRSTRLEN];
    const bool ipv4 = is_ipv4(address);
    inet_ntop(ipv4 ? AF_INET : AF_INET6, ipv4 ? address + 12 : address, text, sizeof text);
    return text;
}

void bind_connection(SQLite::Statement& statement, const ConnectionRow& row,
                     std::int64_t recording_id, std::int64_t process_id, std::int64_t cgroup_id) {
    const ctrack_summary& s = row.summary;
    const bool known = row.has_summary;
    const bool has_rtt = s.rtt_samples > 0;
    const double rtt_avg_us =
        static_cast<double>(s.rtt_sum_us) / static_cast<double>(has_rtt ? s.rtt_samples : 1);
    const auto closed_us = row.closed_us;
    bind_all(statement, row.id, recording_id, static_cast<std::int64_t>(s.event.cookie),
             s.event.generation, if_known(known, s.netns), process_id, cgroup_id,
             if_known(known, s.owner.uid), name_of(row.start_kind),
             if_known(known, is_ipv4(s.peer_address) ? 4 : 6), chosen_address(s.local_address),
             if_known(s.local_port != 0, int{s.local_port}),
             if_known(known, address_text(s.peer_address)), if_known(known, int{s.peer_port}),
             direction_name(s.direction), pid_source_name(s.pid_source), row.opened_us,
             row.established_us, closed_us, connect_us(row),
             if_known(closed_us.has_value(), closed_us.value_or(0) - row.opened_us),
             name_of(row.ending.outcome), if_known(true, closed_us ? s.event.value : 0U),
             name_of(row.ending.closed_by), if_known(has_rtt, s.rtt_min_us),
             if_known(has_rtt, rtt_avg_us), if_known(has_rtt, s.rtt_max_us), s.rtt_samples,
             static_cast<std::int64_t>(s.bytes_sent), static_cast<std::int64_t>(s.bytes_received),
             s.segs_sent, s.segs_received, s.retrans_segs, s.rtos, delivery_rate_bps(s),
             if_known(s.mss != 0, s.mss), if_known(s.congestion[0] != 0, congestion_of(s)));
}

void bind_listener(SQLite::Statement& statement, const ListenerRow& row, std::int64_t recording_id,
                   std::int64_t process_id, std::int64_t cgroup_id) {
    const ctrack_summary& s = row.summary;
    bind_all(statement, row.id, recording_id, static_cast<std::int64_t>(s.event.cookie),
             is_ipv4(s.local_address) ? 4 : 6, address_text(s.local_address), int{s.local_port},
             s.netns, process_id, pid_source_name(s.pid_source), cgroup_id, s.owner.uid,
             name_of(row.start_kind), row.opened_us, row.closed_us);
}

} // namespace ctrack
