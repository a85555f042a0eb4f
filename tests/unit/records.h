// SPDX-License-Identifier: Apache-2.0
//
// Records as the kernel program would send them, for tests.
#pragma once

#include <cstring>
#include <span>
#include <string>

#include <arpa/inet.h>

#include "bpf/ctrack_event.h"
#include "recorder/fold/tcp_state.h"

namespace ctrack::test {

inline ctrack_event event(unsigned kind, std::uint64_t time_ns, unsigned old_state,
                          unsigned new_state, unsigned value = 0, std::uint64_t cookie = 7) {
    ctrack_event e{};
    e.cookie = cookie;
    e.time_ns = time_ns;
    e.generation = 1;
    e.kind = static_cast<std::uint8_t>(kind);
    e.old_state = static_cast<std::uint8_t>(old_state);
    e.new_state = static_cast<std::uint8_t>(new_state);
    e.value = value;
    return e;
}

/// An active connection 127.0.0.1:40000 -> 127.0.0.1:80 of curl, pid 100.
inline ctrack_summary summary(ctrack_kind kind, std::uint64_t time_ns, unsigned old_state,
                              unsigned new_state, unsigned sk_err = 0, std::uint64_t cookie = 7) {
    ctrack_summary s{};
    s.event = event(kind, time_ns, old_state, new_state, sk_err, cookie);
    inet_pton(AF_INET6, "::ffff:127.0.0.1", s.local_address);
    inet_pton(AF_INET6, "::ffff:127.0.0.1", s.peer_address);
    s.local_port = 40000;
    s.peer_port = 80;
    s.direction = CTRACK_ACTIVE;
    s.pid_source = CTRACK_PID_CONNECT;
    s.owner.pid = 100;
    s.owner.start_boottime_ns = 5'000'000'000;
    std::strcpy(s.owner.comm, "curl");
    s.opened_ns = 1'000'000;
    s.mss = 1460;
    return s;
}

inline ctrack_rtt rtt(std::uint64_t time_ns, unsigned rtt_us, std::uint64_t cookie = 7) {
    ctrack_rtt r{};
    r.cookie = cookie;
    r.time_ns = time_ns;
    r.generation = 1;
    r.rtt_us = rtt_us;
    r.srtt_us = rtt_us;
    r.state = TCP_STATE_ESTABLISHED;
    r.source = CTRACK_RTT_MEASURED;
    return r;
}

template <class Record> std::span<const std::byte> bytes_of(const Record& record) {
    return std::as_bytes(std::span(&record, 1));
}

} // namespace ctrack::test
