/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The errors of connect() where there are no BPF trampolines, without making other system
 * calls slower: an attempt (attempts.h) that something speaks against is a suspect, and of a
 * suspect the kernel is asked to call back when the thread's system call returns, where its
 * result can be read (task work, Linux 6.18). Not for each attempt: to ask is an interrupt,
 * in a virtual machine some 10 us.
 */
#ifndef CTRACK_SUSPECTS_H
#define CTRACK_SUSPECTS_H

#include <linux/errno.h>

#include "attempts.h"

/*
 * The kernel's bpf_task_work_schedule_resume_impl(), which has no number of its own as helpers
 * have: the recorder puts that of the running kernel in the place of this one. Declared as
 * __ksym it would keep libbpf 1.1 from loading anything at all on a kernel that declares
 * it otherwise.
 */
static int (*const call_at_return)(struct task_struct *task, struct bpf_task_work *work, void *map,
				   int (*callback)(void *map, __u32 *place, struct attempt *a),
				   void *none) = (void *)CTRACK_CALL_AT_RETURN;

static __always_inline long result_of_system_call(struct task_struct *task)
{
	void *regs = (void *)bpf_task_pt_regs(task);

	if (bpf_core_field_exists(((struct pt_regs___x86 *)regs)->ax))
		return BPF_CORE_READ((struct pt_regs___x86 *)regs, ax);
	return BPF_CORE_READ((struct pt_regs___arm64 *)regs, regs[0]);
}

/* In the thread itself, on its way back to user space. */
static int judge(void *map, __u32 *place, struct attempt *a)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	(void)map;
	(void)place;
	if (a && a->thread == thread_of(task))
		end_attempt(a, argument_of_system_call(), result_of_system_call(task));
	return 0;
}

/*
 * A place has room for one call back: while it waits for a thread that is in connect(), it
 * cannot be asked for another thread with that place. That may be a loss, and counts as one.
 */
static __always_inline void suspect(struct attempt *a)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	int error = call_at_return(task, &a->at_return, &attempts, judge, 0);

	if (!error)
		a->asked = task->pid;
	else if (error != -EBUSY || a->asked != (__u32)task->pid)
		count_loss(CTRACK_LOSS_NO_STORAGE);
}

static __always_inline void suspect_current_attempt(void)
{
	struct attempt *a = current_attempt();

	if (a)
		suspect(a);
}

/* Routes are looked up by TCP's part of connect(), in one table after the other. */
SEC("raw_tp/fib_table_lookup")
int ctrack_route_looked_up(__u64 *args)
{
	int error = args[3]; /* after the table, the flow and what was found */

	if (error)
		suspect_current_attempt();
	return 0;
}

/* IPv6 begins with the table of this host's own addresses, which says no to all others. */
SEC("raw_tp/fib6_table_lookup")
int ctrack_route6_looked_up(__u64 *args)
{
	struct fib6_result *found = (void *)args[1];
	struct fib6_table *table = (void *)args[2];

	if (BPF_CORE_READ(found, fib6_flags) & RTF_REJECT &&
	    BPF_CORE_READ(table, tb6_id) != RT_TABLE_LOCAL)
		suspect_current_attempt();
	return 0;
}

/* Back from SYN_SENT without CONNECT_CB, which would have crossed it out: no local port. */
SEC("raw_tp/inet_sock_set_state")
int ctrack_state_set_back(__u64 *args)
{
	if (args[1] == BPF_TCP_SYN_SENT && args[2] == BPF_TCP_CLOSE)
		suspect_current_attempt();
	return 0;
}

/* Multicast, broadcast, reserved, or of a link: found unfit without a look at the routes. */
static __always_inline bool is_unusual(const struct attempt *a)
{
	const __u32 *words = (const void *)a->peer_address;
	const __u8 *bytes = a->peer_address;

	if (!words[0] && !words[1] && words[2] == bpf_htonl(0xffff)) /* IPv4 */
		return bytes[12] >= 224;
	return bytes[0] == 0xff || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

/*
 * Rules beside those of each kernel may forbid a peer without a look at the routes, and there
 * is no table to look into before the first IPv4 address has come.
 */
static __always_inline bool is_routed_unusually(const struct sock *attempted)
{
	const struct sock *sk = bpf_rdonly_cast(attempted, bpf_core_type_id_kernel(struct sock));
	const struct net *net = sk->__sk_common.skc_net.net;

	return (bpf_core_field_exists(net->ipv4.fib_has_custom_rules) &&
		(net->ipv4.fib_has_custom_rules || !net->ipv4.fib_main)) ||
	       (bpf_core_field_exists(net->ipv6.fib6_has_custom_rules) &&
		net->ipv6.fib6_has_custom_rules);
}

static __always_inline void suspect_if_unusual(struct bpf_sock_addr *ctx, struct attempt *a)
{
	if (is_unusual(a) || ctx->user_family != ctx->family || bpf_get_retval() < 0 ||
	    ctx->sk->bound_dev_if || is_routed_unusually(a->sk))
		suspect(a);
}

SEC("cgroup/connect4")
int ctrack_connect4_suspecting(struct bpf_sock_addr *ctx)
{
	struct attempt *a = note_attempt4(ctx);

	if (a)
		suspect_if_unusual(ctx, a);
	return 1;
}

SEC("cgroup/connect6")
int ctrack_connect6_suspecting(struct bpf_sock_addr *ctx)
{
	struct attempt *a = note_attempt6(ctx);

	if (a)
		suspect_if_unusual(ctx, a);
	return 1;
}

#endif
