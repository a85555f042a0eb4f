/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Iterators: programs that the recorder runs over all sockets at once, by reading
 * a file. Two, run at the start, take in the sockets older than we are; one walks
 * over all that we track. An iterator may run twice for one object: all this can
 * be done again without harm.
 */
#ifndef CTRACK_WALK_H
#define CTRACK_WALK_H

#include "records.h"

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
	t = storage_of(sk);
	if (!t)
		return 0;
	if (!t->cookie)
		start_connection(t, bpf_get_socket_cookie(sk), 1);
	if (t->pid_source == CTRACK_PID_UNKNOWN)
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
	t = storage_of(tp);
	if (t && !t->cookie)
		start_connection(t, bpf_get_socket_cookie(tp), 1);
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
	return !t->announced && (t->opened_ns || state == BPF_TCP_SYN_RECV);
}

static __always_inline enum ctrack_kind kind_met(const struct tracked *t, __u32 state)
{
	if (state == BPF_TCP_LISTEN)
		return CTRACK_LISTENER;
	return t->announced ? CTRACK_CHECKPOINT : CTRACK_PREEXISTING;
}

/* Every socket that we track, with the kernel's own counters of this moment. */
SEC("iter/bpf_sk_storage_map")
int ctrack_walk(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	struct tracked *t = ctx->value;
	struct ctrack_summary s = {};
	struct sock *sk = ctx->sk;
	struct tcp_sock *tp;
	__u32 state;

	if (!sk || !t || !is_new_to_walk(t))
		return 0;
	state = sk->__sk_common.skc_state;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp || state == BPF_TCP_CLOSE || t->cookie != bpf_get_socket_cookie(sk))
		return 0;
	if (will_announce_itself(t, state))
		return 0;
	fill_summary(&s, tp, t, current_time(), kind_met(t, state), STATES(state, state));
	if (bpf_seq_write(ctx->meta->seq, &s, sizeof(s)) != 0) /* full: it comes again */
		return 0;
	t->walked_ns = s.event.time_ns;
	if (state != BPF_TCP_LISTEN)
		t->announced = 1;
	return 0;
}

#endif
