// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ctrack {

/// The states of TCP, numbered as in the kernel's include/net/tcp_states.h and in the SQL table
/// tcp_states.
enum TcpState : unsigned {
    TCP_STATE_ESTABLISHED = 1,
    TCP_STATE_SYN_SENT,
    TCP_STATE_SYN_RECV,
    TCP_STATE_FIN_WAIT1,
    TCP_STATE_FIN_WAIT2,
    TCP_STATE_TIME_WAIT,
    TCP_STATE_CLOSE,
    TCP_STATE_CLOSE_WAIT,
    TCP_STATE_LAST_ACK,
    TCP_STATE_LISTEN,
    TCP_STATE_CLOSING,
    TCP_STATE_NEW_SYN_RECV,
};

inline constexpr unsigned tcp_first_state = TCP_STATE_ESTABLISHED;
inline constexpr unsigned tcp_last_state = TCP_STATE_NEW_SYN_RECV;

} // namespace ctrack
