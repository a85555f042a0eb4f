/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * CLOCK_BOOTTIME without reading it: it is CLOCK_MONOTONIC and the time that the
 * machine has slept, and of a packet TCP itself has noted when it came.
 */
#ifndef CTRACK_TIME_H
#define CTRACK_TIME_H

#include <bpf/bpf_core_read.h>

#include "kernel_types.h"

/*
 * Set by the recorder when it looks at the rings first after the machine has awoken. All
 * times come from here, so that it shifts all of them at one moment: they never go back.
 */
volatile __u64 slept_ns;

static __always_inline __u64 current_time(void)
{
	return bpf_ktime_get_ns() + slept_ns;
}

/* While TCP takes in a packet; nearly half of our calls, and a clock is dear to read. */
static __always_inline __u64 packet_time(const struct tcp_sock *tp)
{
	if (!bpf_core_field_exists(tp->tcp_clock_cache))
		return current_time();
	return tp->tcp_clock_cache + slept_ns;
}

/*
 * Calls that only a packet makes, and as the first; others may come from the application
 * or a timer. In SYN_RECV it is noted after the call.
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
