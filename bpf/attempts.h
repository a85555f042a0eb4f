/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * connect() calls that fail before TCP does anything: no route, no local port,
 * forbidden. TCP's own callbacks know nothing of these, so an attempt is noted when
 * connect() begins (a cgroup hook), crossed out by TCP's first callback, and told
 * when connect() returns an error for that very socket and it still stands: seen at the end
 * of the kernel's function or, where there are no BPF trampolines, of the system call, by
 * suspects.h or a tracepoint. Some are noted that never end there: a connect() that TCP Fast
 * Open puts off, but for suspects.h the SYN of sendto(), and but for fexit io_uring.
 */
#ifndef CTRACK_ATTEMPTS_H
#define CTRACK_ATTEMPTS_H

#include <bpf/bpf_core_read.h>

#include "process.h"
#include "records.h"

/* As the kernel has it since 6.18; others see eight bytes. */
struct bpf_task_work {
	__u64 opaque;
} __attribute__((aligned(8)));

struct attempt {
	__u64 thread; /* 0 = none, or crossed out */
	__u64 time_ns;
	__u64 cookie;
	struct sock *sk;
	__u8 peer_address[16];
	__u16 peer_port;
	__u16 reserved;
	__u32 asked; /* for suspects.h: the thread whose return is waited for */
	struct bpf_task_work at_return;
};

enum { ATTEMPT_PLACES = 16384 }; /* a power of two; x 64 bytes = 1 MiB */

/*
 * By thread, each in the place that the last bits of its number give it: half as dear as a
 * hash table. Two threads with the same place lose an attempt only if both are in connect()
 * and the first of them fails before TCP; see also suspect().
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

/* 0 if the current thread made none. The idle threads, over which packets come, are thread 0. */
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

/* Where an attempt is noted; its peer address is left to be filled in. */
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

SEC("cgroup/connect4")
int ctrack_connect4(struct bpf_sock_addr *ctx)
{
	note_attempt4(ctx);
	return 1;
}

SEC("cgroup/connect6")
int ctrack_connect6(struct bpf_sock_addr *ctx)
{
	note_attempt6(ctx);
	return 1;
}

/* Not a tracing program: the socket is read with bpf_probe_read_kernel(). */
static __always_inline void fill_attempted_socket(struct ctrack_summary *s, struct sock *sk)
{
	s->owner.uid = BPF_CORE_READ(sk, sk_uid.val);
	s->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
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

static __always_inline void tell_attempt(const struct attempt *a, __u32 error)
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
	tell_process(&owner, a->cookie);
}

/* Of the system call that the current thread is in. */
static __always_inline int first_argument(struct task_struct *task)
{
	void *regs = (void *)bpf_task_pt_regs(task);

	if (bpf_core_field_exists(((struct pt_regs___x86 *)regs)->di))
		return BPF_CORE_READ((struct pt_regs___x86 *)regs, di);
	return BPF_CORE_READ((struct pt_regs___arm64 *)regs, orig_x0);
}

static __always_inline struct socket *argument_of_system_call(void)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct file **files = BPF_CORE_READ(task, files, fdt, fd);
	struct file *file = 0;

	bpf_probe_read_kernel(&file, sizeof(file), &files[first_argument(task)]);
	return BPF_CORE_READ(file, private_data);
}

/* Behind a socket of Multipath TCP there is one of TCP. */
static __always_inline bool is_called_for(struct socket *socket, struct sock *sk)
{
	struct sock *called = BPF_CORE_READ(socket, sk);

	return called == sk || BPF_CORE_READ(called, sk_protocol) == PROTOCOL_MPTCP;
}

/* One that is put off returns 0: what the next call on that socket returns is not of it. */
static __always_inline void end_attempt(struct attempt *a, struct socket *socket, int result)
{
	struct sock *sk = a->sk;

	if (result < 0 && is_called_for(socket, sk) &&
	    a->cookie == (__u64)BPF_CORE_READ(sk, __sk_common.skc_cookie.counter))
		tell_attempt(a, -result);
	a->thread = 0;
}

SEC("fexit/inet_stream_connect")
int ctrack_connect_returned(__u64 *args)
{
	struct socket *socket = (void *)args[0];
	int result = args[4]; /* after the function's four arguments */
	struct attempt *a = current_attempt();

	if (a)
		end_attempt(a, socket, result);
	return 0;
}

/* As in events/syscalls/sys_exit_connect/format of tracefs. */
struct syscall_exit {
	__u64 common;
	long number;
	long result;
};

SEC("tracepoint/syscalls/sys_exit_connect")
int ctrack_connect_done(struct syscall_exit *ctx)
{
	struct attempt *a = current_attempt();

	if (a)
		end_attempt(a, argument_of_system_call(), ctx->result);
	return 0;
}

#endif
