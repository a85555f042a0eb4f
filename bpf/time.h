/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Tells CLOCK_BOOTTIME without reading that clock: it is CLOCK_MONOTONIC plus the time that the
 * machine has been suspended. TCP itself has noted when a packet
 * came.
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
 * The time while TCP takes in a packet, without reading a clock, which is expensive. Nearly half of
 * our calls are made then.
 */
static __always_inline __u64 packet_time(const struct tcp_sock *tp)
{
	if (!bpf_core_field_exists(tp->tcp_clock_cache))
		return current_time();
	return tp->tcp_clock_cache + slept_ns;
}

/*
 * Whether the call is one that only a packet causes, and the first that this packet causes. Other
 * calls may come from the application or a timer. In SYN_RECV, TCP notes the time of the packet
 * only after the call.
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
