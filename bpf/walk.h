/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Iterators are programs that the recorder runs over all sockets at once, by reading a file. Two of
 * them, which are run at the start, adopt the sockets that are older than the recorder. Two others
 * walk over all sockets that are tracked. An iterator may run twice for one object, so all that
 * iterators do can be done again without harm.
 */
#ifndef CTRACK_WALK_H
#define CTRACK_WALK_H

#include "records.h"
#include "slots.h"

#define MAX_CGROUP_DEPTH 64

/*
 * Whether the socket is in the recorded cgroup or below it. Iterators must ask, because they meet
 * all sockets; the hook is called for sockets of the cgroup only.
 */
static __always_inline bool in_our_cgroup(struct sock *sk)
{
	struct cgroup_subsys_state *css = &sk->sk_cgrp_data.cgroup->self;

	for (int i = 0; i < MAX_CGROUP_DEPTH && css; i++, css = css->parent)
		if (css->cgroup->kn->id == settings.cgroup_id)
			return true;
	return false;
}

/*
 * Runs for every open file of every process, in all namespaces, and finds the owners of sockets. It
 * tells the recorder the network namespace of each socket, in one __u32.
 */
SEC("iter/task_file")
int ctrack_find_owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket *socket;
	struct tracked *t;
	struct sock *sk;
	__u32 netns;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	sk = socket ? socket->sk : 0;
	if (!sk || sk->sk_protocol != PROTOCOL_TCP || sk->__sk_common.skc_state == BPF_TCP_CLOSE)
		return 0;
	if (!in_our_cgroup(sk))
		return 0;
	t = tracked_when_met(sk);
	if (t && t->pid_source == CTRACK_PID_UNKNOWN) {
		own_by(t, task, CTRACK_PID_SCAN);
		note_found(&t->owner);
	}
	netns = sk->__sk_common.skc_net.net->ns.inum;
	bpf_seq_write(ctx->meta->seq, &netns, sizeof(netns));
	return 0;
}

/*
 * Runs for every TCP socket of one network namespace, and switches its callbacks on. It tells the
 * recorder, in one int for each socket, whether that was possible (0) or why not (-errno).
 */
SEC("iter/tcp")
int ctrack_switch_on(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;
	struct tcp_sock *tp = skc ? bpf_skc_to_tcp_sock(skc) : 0;
	struct tracked *t;
	int result;
	int flags;

	if (!tp || skc->skc_state == BPF_TCP_CLOSE) /* TIME_WAIT, or a half-open request */
		return 0;
	if (!in_our_cgroup(&tp->inet_conn.icsk_inet.sk))
		return 0;
	flags = tp->bpf_sock_ops_cb_flags | wanted_callbacks();
	result = bpf_setsockopt(tp, SOL_TCP, TCP_BPF_SOCK_OPS_CB_FLAGS, &flags, sizeof(flags));
	t = tracked_when_met(tp);
	if (t)
		t->silent = result != 0;
	bpf_seq_write(ctx->meta->seq, &result, sizeof(result));
	return 0;
}

volatile __u64 walk_began_ns; /* when the walk began; the recorder sets it */

/*
 * Whether the walk passes over all but listeners. The recorder begins its first walk so: where
 * somebody listens tells which older connections were accepted.
 */
volatile __u8 only_listeners;

/*
 * Whether the walk has not met this socket yet. Between two reads of an iterator's file the kernel
 * keeps the place in its list of sockets as a number, so it passes over some sockets when others go
 * meanwhile. The recorder therefore runs the iterator again until it meets no socket that is new to
 * the walk. Sockets that are younger than the walk do not count, or it might never end.
 */
static __always_inline bool is_new_to_walk(const struct tracked *t)
{
	return t->walked_ns < walk_began_ns && t->opened_ns < walk_began_ns;
}

/* Whether a callback will tell of the connection, so that the walk need not. */
static __always_inline bool will_announce_itself(const struct tracked *t, __u32 state)
{
	return t->opened_ns || state == BPF_TCP_SYN_RECV;
}

static __always_inline enum ctrack_kind kind_met(bool announced, __u32 state)
{
	if (state == BPF_TCP_LISTEN)
		return CTRACK_LISTENER;
	return announced ? CTRACK_CHECKPOINT : CTRACK_PREEXISTING;
}

/* A slot can be given back, and taken by another socket, while it is read. */
static __always_inline bool is_still_of(struct tracked *t, __u64 cookie)
{
	return !settings.slots || __sync_fetch_and_add(&t->cookie, 0) == cookie;
}

/*
 * Whether a summary may tell what an earlier walk has not told. All that happens to a connection
 * comes with a segment, but that its owner changes, that its stopwatches run (limits.h) and that no
 * process holds it any more, as after close() behind shutdown(). These fields are in few cache
 * lines; what a summary reads of an idle socket is in many, and none of them is in the cache.
 */
static __always_inline bool has_moved(const struct tcp_sock *tp, const struct tracked *t)
{
	return !t->told || t->told_segs != tp->segs_out + tp->segs_in || is_orphan(tp) ||
	       BPF_CORE_READ_BITFIELD(tp, chrono_type);
}

/*
 * Sends what is short through a ring. Each time that an iterator's file is read, the kernel seeks the
 * place where it was among all stored sockets, step by step. So what goes into the file makes a walk
 * over N sockets take N times N steps, and what goes through a ring does not. Three quarters of the
 * ring are kept for callbacks, which cannot wait as a walk can.
 */
static __always_inline bool send_by_ring(const struct ctrack_event *e)
{
	void *ring = lifecycle_ring(e->cookie);

	return ring &&
	       4 * bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) < bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) &&
	       bpf_ringbuf_output(ring, (void *)e, sizeof(*e), BPF_RB_NO_WAKEUP) == 0;
}

static __always_inline void send_unmoved(struct seq_file *seq, struct tcp_sock *tp,
					 struct tracked *t, __u32 state)
{
	struct ctrack_event e;

	fill_event(&e, t, walk_began_ns, CTRACK_UNMOVED, STATES(state, state), 0);
	if (cookie_in(tp) != e.cookie || !is_still_of(t, e.cookie))
		return;
	if (send_by_ring(&e) || bpf_seq_write(seq, &e, sizeof(e)) == 0)
		t->walked_ns = walk_began_ns;
}

/* Notes what a summary tells, before the summary is filled: what changes meanwhile is told again. */
static __always_inline void note_told(struct tracked *t, const struct tcp_sock *tp)
{
	t->told_segs = tp->segs_out + tp->segs_in;
	t->told = 1;
}

/* Tells of a socket that the walk meets: a summary with the kernel's counters of this moment. */
static __always_inline void send_met(struct seq_file *seq, struct tcp_sock *tp, struct tracked *t)
{
	__u32 state = tp->inet_conn.icsk_inet.sk.__sk_common.skc_state;
	struct ctrack_summary s = {};
	bool announced = t->announced;

	if (state == BPF_TCP_CLOSE || (!announced && will_announce_itself(t, state)) ||
	    (only_listeners && state != BPF_TCP_LISTEN))
		return;
	if (announced && state != BPF_TCP_LISTEN && !has_moved(tp, t))
		return send_unmoved(seq, tp, t, state);
	note_told(t, tp);
	fill_summary(&s, tp, t, current_time(), kind_met(announced, state), STATES(state, state));
	if (cookie_in(tp) != s.event.cookie || !is_still_of(t, s.event.cookie))
		return; /* it has just gone, or is a clone of a listener without a callback yet */
	if (bpf_seq_write(seq, &s, sizeof(s)) != 0) { /* the buffer is full: it comes again */
		t->told = 0;
		return;
	}
	t->walked_ns = s.event.time_ns;
	if (state == BPF_TCP_LISTEN)
		t->longest_queue = 0;
	else if (!announced)
		t->announced = 1;
}

/* Runs for every socket that is tracked in its storage. */
SEC("iter/bpf_sk_storage_map")
int ctrack_walk(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	struct tracked *t = ctx->value;
	struct sock *sk = ctx->sk;
	struct tcp_sock *tp;

	if (!sk || !t || !is_new_to_walk(t) || slot_of(t->cookie))
		return 0;
	tp = bpf_skc_to_tcp_sock(sk);
	if (tp)
		send_met(ctx->meta->seq, tp, t);
	return 0;
}

/*
 * Whether the socket of a slot has gone without our seeing it, because another program had switched
 * our callbacks off.
 */
static __always_inline bool has_gone(const struct tcp_sock *tp, __u64 cookie)
{
	return cookie_in(tp) != cookie ||
	       (tp->inet_conn.icsk_inet.sk.__sk_common.skc_state == BPF_TCP_CLOSE && is_orphan(tp));
}

/*
 * Runs for every socket that is tracked in a slot. Nothing keeps that socket alive for us: its
 * memory may at any time become another socket, which has another cookie, or be used for something
 * else. To read such memory is safe, because bpf_rdonly_cast() lets reads of any memory fail
 * without harm. A socket that has not been announced is left out, because the callback that is
 * just taking its slot will announce it.
 */
SEC("iter/bpf_map_elem")
int ctrack_walk_slots(struct bpf_iter__bpf_map_elem *ctx)
{
	struct slot *slot = ctx->value;
	struct tcp_sock *tp;
	__u64 cookie;

	if (!slot || !slot->tracked.cookie)
		return 0;
	cookie = __sync_fetch_and_add(&slot->tracked.cookie, 0);
	if (!cookie || cookie == BEING_CLEARED || !slot->tp)
		return 0;
	tp = bpf_rdonly_cast(slot->tp, bpf_core_type_id_kernel(struct tcp_sock));
	if (has_gone(tp, cookie))
		give_back(slot, cookie);
	else if (slot->tracked.announced && is_new_to_walk(&slot->tracked))
		send_met(ctx->meta->seq, tp, &slot->tracked);
	return 0;
}

#endif
