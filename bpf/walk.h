/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Iterators: programs that the recorder runs over all sockets at once, by reading
 * a file. Two, run at the start, take in the sockets older than we are; two walk
 * over all that we track. An iterator may run twice for one object: all this can
 * be done again without harm.
 */
#ifndef CTRACK_WALK_H
#define CTRACK_WALK_H

#include "records.h"
#include "slots.h"

#define MAX_CGROUP_DEPTH 64

/* The hook sees to it by itself that it is called for these only. */
static __always_inline bool in_our_cgroup(struct sock *sk)
{
	struct cgroup_subsys_state *css = &sk->sk_cgrp_data.cgroup->self;

	for (int i = 0; i < MAX_CGROUP_DEPTH && css; i++, css = css->parent)
		if (css->cgroup->kn->id == settings.cgroup_id)
			return true;
	return false;
}

/* Every open file of every process, in all namespaces: who has this socket? */
SEC("iter/task_file")
int ctrack_find_owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket *socket;
	struct tracked *t;
	struct sock *sk;

	recorder_pid = ((struct task_struct *)(void *)bpf_get_current_task_btf())->tgid;
	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	sk = socket ? socket->sk : 0;
	if (!sk || sk->sk_protocol != PROTOCOL_TCP || sk->__sk_common.skc_state == BPF_TCP_CLOSE)
		return 0;
	if (!in_our_cgroup(sk))
		return 0;
	t = tracked_when_met(sk);
	if (t && t->pid_source == CTRACK_PID_UNKNOWN)
		own_by(t, task, CTRACK_PID_SCAN);
	return 0;
}

/*
 * Every TCP socket of one network namespace: switch its callbacks on. Tells the
 * recorder, one int a socket, whether that was possible (0) or why not (-errno).
 */
SEC("iter/tcp")
int ctrack_switch_on(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;
	struct tcp_sock *tp = skc ? bpf_skc_to_tcp_sock(skc) : 0;
	struct tracked *t;
	int result;
	int flags;

	if (!tp || skc->skc_state == BPF_TCP_CLOSE) /* not TIME_WAIT, no half-open request */
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

volatile __u64 walk_began_ns; /* set by the recorder */

/*
 * Between two reads of its file the kernel keeps the place in its list of sockets as a
 * number, so it passes over some when others go meanwhile. The recorder therefore
 * repeats a walk until it meets nothing that it has not met, nor is younger than it.
 */
static __always_inline bool is_new_to_walk(const struct tracked *t)
{
	return t->walked_ns < walk_began_ns && t->opened_ns < walk_began_ns;
}

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

/* A slot can be given back and taken by another while it is read. */
static __always_inline bool is_still_of(struct tracked *t, __u64 cookie)
{
	return !settings.slots || __sync_fetch_and_add(&t->cookie, 0) == cookie;
}

/* The kernel's own counters of this moment. */
static __always_inline void tell_met(struct seq_file *seq, struct tcp_sock *tp, struct tracked *t)
{
	__u32 state = tp->inet_conn.icsk_inet.sk.__sk_common.skc_state;
	struct ctrack_summary s = {};
	bool announced = t->announced;

	if (state == BPF_TCP_CLOSE || (!announced && will_announce_itself(t, state)))
		return;
	fill_summary(&s, tp, t, current_time(), kind_met(announced, state), STATES(state, state));
	if (cookie_in(tp) != s.event.cookie || !is_still_of(t, s.event.cookie))
		return; /* it went just now, or is a listener's clone that nobody has called for */
	if (bpf_seq_write(seq, &s, sizeof(s)) != 0) /* full: it comes again */
		return;
	t->walked_ns = s.event.time_ns;
	if (!announced && state != BPF_TCP_LISTEN)
		t->announced = 1;
}

/* Every socket that we track in its storage. */
SEC("iter/bpf_sk_storage_map")
int ctrack_walk(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	struct sock *sk = ctx->sk;
	struct tcp_sock *tp = sk ? bpf_skc_to_tcp_sock(sk) : 0;
	struct tracked *t = ctx->value;

	if (tp && t && is_new_to_walk(t) && !slot_of(t->cookie))
		tell_met(ctx->meta->seq, tp, t);
	return 0;
}

/* Its end was not seen: another program had switched our callbacks off. */
static __always_inline bool has_gone(const struct tcp_sock *tp, __u64 cookie)
{
	return cookie_in(tp) != cookie ||
	       (tp->inet_conn.icsk_inet.sk.__sk_common.skc_state == BPF_TCP_CLOSE && is_orphan(tp));
}

/*
 * And in a slot. Nothing holds its socket for us: the memory may at any time become another
 * socket, which has another cookie, or be none any more; reading it harms not. What nothing
 * has told of yet will be told by the callback that is just taking the slot.
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
		tell_met(ctx->meta->seq, tp, &slot->tracked);
	return 0;
}

#endif
