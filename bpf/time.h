/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Tells CLOCK_BOOTTIME: CLOCK_MONOTONIC plus the time that the machine has been suspended. While
 * TCP takes in a packet, no clock is read, because TCP has already noted when the packet came.
 */
#ifndef CTRACK_TIME_H
#define CTRACK_TIME_H

#include <bpf/bpf_core_read.h>

#include "kernel_types.h"

/*
 * How long the machine has been suspended. The recorder sets it when it first looks at the rings
 * after the machine has awoken. All times are made with it, so that all of them are shifted at the
 * same moment and never go back.
 */
volatile __u64 slept_ns;

static __always_inline __u64 current_time(void)
{
	return bpf_ktime_get_ns() + slept_ns;
}

/*
 * The time while TCP takes in a packet, as in nearly half of our calls. A clock costs more.
 */
static __always_inline __u64 packet_time(const struct tcp_sock *tp)
{
	if (!bpf_core_field_exists(tp->tcp_clock_cache))
		return current_time();
	return tp->tcp_clock_cache + slept_ns;
}

/*
 * Whether only a packet can cause this call (no application, no timer), and before any call for
 * that packet that reads a clock, so that times never go back. In SYN_RECV, TCP notes the time of
 * the packet only after the call.
 */
static __always_inline bool is_of_packet(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RTT_CB)
		return skops->state != BPF_TCP_SYN_RECV;
	return skops->op == BPF_SOCK_OPS_STATE_CB && skops->args[1] == BPF_TCP_FIN_WAIT2;
}

static __always_inline __u64 time_of(struct bpf_sock_ops *skops, const struct tcp_sock *tp)
{
	return is_of_packet(skops) ? packet_time(tp) : current_time();
}

#endif
