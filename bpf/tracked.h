/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What is kept for each socket, in the socket's own storage. The storage comes and goes with the
 * socket, so nothing leaks and no table fills up (but see slots.h).
 *
 * The storage of a listener is cloned into each socket that is accepted from it, and with it the
 * owner of the listener. A clone is recognized by the cookie in it, which is that of the listener.
 */
#ifndef CTRACK_TRACKED_H
#define CTRACK_TRACKED_H

#include "ctrack_event.h"
#include "kernel_types.h"

struct tracked {
	__u64 cookie; /* of the socket that filled this in; 0 if nobody has */
	__u64 opened_ns;
	__u64 established_ns;
	__u64 rtt_sum_us;
	__u64 sample_ns; /* when the last sample was sent */
	__u64 walked_ns; /* when a walk last met it */
	struct ctrack_owner owner;
	__u32 generation;
	__u32 rtt_samples;
	__u32 rtt_min_us;
	__u32 rtt_max_us;
	__u32 rtos;
	__u16 states_seen;
	__u8 direction;
	__u8 pid_source;
	__u8 announced; /* a summary has told the recorder of this connection */
	__u8 silent;    /* older than the recorder, and its callbacks are not switched on */
	__u8 acked_at_start; /* sequence numbers acknowledged before the first payload: the SYN */
	__u8 fin_not_counted; /* in the kernel's bytes_received */
	__u8 untracked; /* it is in neither slot nor storage; see untracked.h */
	__u8 told; /* a walk has sent a summary of the connection and its owner */
	__u8 reserved[2];
	union {
		__u32 handshake_us; /* of an accepted connection; 0 = not measured */
		__u32 longest_queue; /* of a listener: the most that waited since the last walk */
	};
	__u32 rcv_nxt_at_ack; /* rcv_nxt without what came with the last ACK that measured an RTT */
	__u32 retrans_fast_segs;
	__u32 retrans_tlp_segs;
	__u32 retrans_timeout_segs;
	__u32 told_segs; /* segments sent and received when a walk last sent a summary */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct tracked);
} sockets SEC(".maps");

/* Begins a connection: the counters are set to zero, the owner is kept. */
static __always_inline void start_connection(struct tracked *t, __u64 cookie, __u32 generation)
{
	t->cookie = cookie;
	t->opened_ns = 0;
	t->established_ns = 0;
	t->rtt_sum_us = 0;
	t->sample_ns = 0;
	t->generation = generation;
	t->rtt_samples = 0;
	t->rtt_min_us = 0;
	t->rtt_max_us = 0;
	t->rtos = 0;
	t->states_seen = 0;
	t->direction = CTRACK_DIRECTION_UNKNOWN;
	t->announced = 0;
	t->told = 0;
	t->silent = 0;
	t->acked_at_start = 0;
	t->fin_not_counted = 0;
	t->handshake_us = 0;
	t->rcv_nxt_at_ack = 0;
	t->retrans_fast_segs = 0;
	t->retrans_tlp_segs = 0;
	t->retrans_timeout_segs = 0;
}

/* The kernel's own structure of the socket; 0 for a half-open request, which has none. */
static __always_inline struct tcp_sock *tcp_of(struct bpf_sock_ops *skops)
{
	struct bpf_sock *sk = skops->sk;

	return sk ? (struct tcp_sock *)bpf_skc_to_tcp_sock(sk) : 0;
}

/* Whether no process holds the socket any more. */
static __always_inline bool is_orphan(const struct tcp_sock *tp)
{
	return (tp->inet_conn.icsk_inet.sk.__sk_common.skc_flags >> SOCK_DEAD_BIT) & 1;
}

/* The cookie of the socket; 0 if nobody has asked for it yet. */
static __always_inline __u64 cookie_in(const struct tcp_sock *tp)
{
	return tp->inet_conn.icsk_inet.sk.__sk_common.skc_cookie.counter;
}

/* The cookie of the socket, which the kernel gives when it is first asked for. */
static __always_inline __u64 cookie_of(struct bpf_sock_ops *skops, struct tcp_sock *tp)
{
	__u64 cookie = cookie_in(tp);

	return cookie ? cookie : bpf_get_socket_cookie(skops);
}

/*
 * The storage of a socket, which is made if there is none. That fails when another CPU makes it at
 * the same moment, as a callback and an iterator may; then the second try finds it. It fails for
 * good if there is no memory.
 */
static __always_inline struct tracked *storage_of(void *sk)
{
	struct tracked *t = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!t)
		t = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	return t;
}

/* Begins an accepted connection. Its owner is that of the listener until another is known. */
static __always_inline void start_accepted(struct tracked *t, __u64 now)
{
	t->direction = CTRACK_PASSIVE;
	t->opened_ns = now;
	if (t->pid_source == CTRACK_PID_SCAN) /* the process had the listener open */
		t->pid_source = CTRACK_PID_LISTENER;
}

static __always_inline void inherit_owner(struct tracked *t, const struct tracked *listener)
{
	t->owner = listener->owner;
	t->pid_source = listener->pid_source;
}

/* Copies from a structure of the kernel whose type is known, so that no helper is needed. */
static __always_inline void copy_16_bytes(void *to, const void *from)
{
	((__u64 *)to)[0] = ((const __u64 *)from)[0];
	((__u64 *)to)[1] = ((const __u64 *)from)[1];
}

static __always_inline void fill_owner(struct ctrack_owner *owner, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;

	owner->pid = task->tgid;
	owner->start_boottime_ns = leader->start_boottime;
	owner->exec_id = leader->self_exec_id;
	owner->cgroup_id = leader->cgroups->dfl_cgrp->kn->id;
	copy_16_bytes(owner->comm, leader->comm);
}

/* Makes a process the owner. A kernel thread owns nothing. */
static __always_inline void own_by(struct tracked *t, struct task_struct *task,
				   enum ctrack_pid_source source)
{
	if (task->flags & PF_KTHREAD)
		return;
	fill_owner(&t->owner, task);
	t->pid_source = source;
	t->told = 0;
}

static __always_inline void add_rtt(struct tracked *t, __u32 rtt_us)
{
	if (!t->rtt_samples || rtt_us < t->rtt_min_us)
		t->rtt_min_us = rtt_us;
	if (rtt_us > t->rtt_max_us)
		t->rtt_max_us = rtt_us;
	t->rtt_sum_us += rtt_us;
	t->rtt_samples++;
}

#endif
