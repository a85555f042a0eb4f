/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Sees connect() calls that fail before TCP does anything: there is no route or no local port, or
 * the call is forbidden. TCP's own callbacks do not tell of these. So an attempt is noted when
 * connect() begins (in a cgroup hook), and TCP's first callback crosses it out. If it is not
 * crossed out and connect() returns an error for the same socket, the attempt is sent.
 *
 * There are three ways to see what connect() returns: at the end of the kernel's function (fexit,
 * which needs BPF trampolines); at the end of the system call, of suspicious attempts only
 * (suspects.h); or at the end of every system call (a tracepoint).
 *
 * Three kinds of attempts are noted although most ways do not see their result:
 *  - the SYN of a connect() that TCP Fast Open puts off: no way sees its result;
 *  - the SYN of sendto(): only suspects.h sees its result;
 *  - a connect() of io_uring: only fexit sees its result.
 */
#ifndef CTRACK_ATTEMPTS_H
#define CTRACK_ATTEMPTS_H

#include <bpf/bpf_core_read.h>

#include "process.h"
#include "records.h"

/* Declared as in the kernel since 6.18. Older kernels see eight bytes of no meaning. */
struct bpf_task_work {
	__u64 opaque;
} __attribute__((aligned(8)));

struct attempt {
	__u64 thread; /* 0 = no attempt, or one that is crossed out */
	__u64 time_ns;
	__u64 cookie;
	struct sock *sk;
	__u8 peer_address[16];
	__u16 peer_port;
	__u16 reserved;
	__u32 asked; /* for suspects.h: the thread whose return it waits for */
	struct bpf_task_work at_return;
};

enum { ATTEMPT_PLACES = 16384 }; /* a power of two; x 64 bytes = 1 MiB */

/*
 * Attempts by thread. The last bits of a thread's number give its place, which takes half the time
 * of a hash table. Where two threads have the same place, an attempt is lost only if both are in
 * connect() and the first of them fails before TCP; see also suspect().
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ATTEMPT_PLACES);
	__type(key, __u32);
	__type(value, struct attempt);
} attempts SEC(".maps");

static __always_inline __u64 thread_of(struct task_struct *task)
{
	return (__u64)task->tgid << 32 | (__u32)task->pid;
}

static __always_inline struct attempt *attempt_of(struct task_struct *task)
{
	__u32 place = task->pid & (ATTEMPT_PLACES - 1);

	return bpf_map_lookup_elem(&attempts, &place);
}

/*
 * The attempt of the current thread; 0 if it made none. The idle threads, in which packets are
 * processed too, have the number 0, which in a place means no attempt.
 */
static __always_inline struct attempt *current_attempt(void)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct attempt *a = attempt_of(task);

	return a && a->thread && a->thread == thread_of(task) ? a : 0;
}

static __always_inline void forget_attempt(void)
{
	struct attempt *a = settings.connect_errors ? current_attempt() : 0;

	if (a)
		a->thread = 0;
}

/* Notes an attempt; 0 if it is none of TCP. The caller fills in the peer address. */
static __always_inline struct attempt *note_attempt(struct bpf_sock_addr *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct attempt *a = attempt_of(task);

	if (!a || ctx->protocol != PROTOCOL_TCP || !ctx->sk || task->flags & PF_KTHREAD)
		return 0;
	a->thread = thread_of(task);
	a->time_ns = current_time();
	a->cookie = bpf_get_socket_cookie(ctx);
	a->sk = (struct sock *)ctx->sk;
	a->peer_port = bpf_ntohs(ctx->user_port);
	return a;
}

static __always_inline struct attempt *note_attempt4(struct bpf_sock_addr *ctx)
{
	struct attempt *a = note_attempt(ctx);

	if (a)
		map_ipv4(a->peer_address, ctx->user_ip4);
	return a;
}

static __always_inline struct attempt *note_attempt6(struct bpf_sock_addr *ctx)
{
	struct attempt *a = note_attempt(ctx);
	__u32 words[4] = {ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3]};

	if (a)
		__builtin_memcpy(a->peer_address, words, sizeof(words));
	return a;
}

SEC("?cgroup/connect4")
int ctrack_connect4(struct bpf_sock_addr *ctx)
{
	note_attempt4(ctx);
	return 1;
}

SEC("?cgroup/connect6")
int ctrack_connect6(struct bpf_sock_addr *ctx)
{
	note_attempt6(ctx);
	return 1;
}

/*
 * Not all callers are tracing programs, so the socket is read with bpf_probe_read_kernel().
 */
static __always_inline void fill_attempted_socket(struct ctrack_summary *s, struct sock *sk)
{
	s->uid = BPF_CORE_READ(sk, sk_uid.val);
	s->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	fill_interface(s, BPF_CORE_READ(sk, __sk_common.skc_bound_dev_if), sk);
	s->cgroup_id = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
	s->local_port = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == FAMILY_INET)
		map_ipv4(s->local_address, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
	else
		bpf_probe_read_kernel(s->local_address, sizeof(s->local_address),
				      &sk->__sk_common.skc_v6_rcv_saddr);
}

static __always_inline void fill_attempt(struct ctrack_summary *s, const struct attempt *a,
					 __u32 error)
{
	__builtin_memset(s, 0, sizeof(*s));
	s->event.cookie = a->cookie;
	s->event.time_ns = current_time();
	s->event.kind = CTRACK_ATTEMPT;
	s->event.old_state = s->event.new_state = BPF_TCP_CLOSE;
	s->event.value = error;
	s->opened_ns = a->time_ns;
	s->direction = CTRACK_ACTIVE;
	s->pid_source = CTRACK_PID_CONNECT;
	__builtin_memcpy(s->peer_address, a->peer_address, sizeof(s->peer_address));
	s->peer_port = a->peer_port;
	fill_owner(&s->owner, (void *)bpf_get_current_task_btf());
}

static __always_inline void send_attempt(const struct attempt *a, __u32 error)
{
	void *ring = lifecycle_ring(a->cookie);
	struct ctrack_owner owner = {};
	struct ctrack_summary *s;

	s = reserve(ring, sizeof(*s));
	if (!s)
		return;
	fill_attempt(s, a, error);
	fill_attempted_socket(s, a->sk);
	owner = s->owner;
	submit_and_wake(ring, s, &lifecycle_woken_at[lifecycle_ring_of(a->cookie)]);
	send_process(&owner, 0, a->cookie);
}

/* The first argument of the system call that the current thread is in. */
static __always_inline int first_argument(struct task_struct *task)
{
	void *regs = (void *)bpf_task_pt_regs(task);

	if (bpf_core_field_exists(((struct pt_regs___x86 *)regs)->di))
		return BPF_CORE_READ((struct pt_regs___x86 *)regs, di);
	return BPF_CORE_READ((struct pt_regs___arm64 *)regs, orig_x0);
}

/* The socket whose descriptor is the first argument of the system call. */
static __always_inline struct socket *argument_of_system_call(void)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct file **files = BPF_CORE_READ(task, files, fdt, fd);
	struct file *file = 0;

	bpf_probe_read_kernel(&file, sizeof(file), &files[first_argument(task)]);
	return BPF_CORE_READ(file, private_data);
}

/*
 * Whether a call on the socket concerns sk. Behind a socket of Multipath TCP there is one of TCP.
 */
static __always_inline bool is_called_for(struct socket *socket, struct sock *sk)
{
	struct sock *called = BPF_CORE_READ(socket, sk);

	return called == sk || BPF_CORE_READ(called, sk_protocol) == PROTOCOL_MPTCP;
}

/*
 * Ends an attempt with the result of the call. Even if the result is 0, because TCP Fast Open has
 * put the SYN off, the attempt is forgotten: the next result belongs to another call.
 */
static __always_inline void end_attempt(struct attempt *a, struct socket *socket, int result)
{
	struct sock *sk = a->sk;

	if (result < 0 && is_called_for(socket, sk) &&
	    a->cookie == (__u64)BPF_CORE_READ(sk, __sk_common.skc_cookie.counter))
		send_attempt(a, -result);
	a->thread = 0;
}

SEC("?fexit/inet_stream_connect")
int ctrack_connect_returned(__u64 *args)
{
	struct socket *socket = (void *)args[0];
	int result = args[4]; /* after the function's four arguments */
	struct attempt *a = current_attempt();

	if (a)
		end_attempt(a, socket, result);
	return 0;
}

/* Declared as events/syscalls/sys_exit_connect/format of tracefs says. */
struct syscall_exit {
	__u64 common;
	long number;
	long result;
};

SEC("?tracepoint/syscalls/sys_exit_connect")
int ctrack_connect_done(struct syscall_exit *ctx)
{
	struct attempt *a = current_attempt();

	if (a)
		end_attempt(a, argument_of_system_call(), ctx->result);
	return 0;
}

#endif
