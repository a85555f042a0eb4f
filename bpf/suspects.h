/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Sees the errors of connect() where there are no BPF trampolines, without making other system
 * calls slower. A suspect is an attempt (attempts.h) with a sign that it may fail, such as a table
 * without a route. For each suspect the kernel is asked for a call when the system call returns,
 * where its result can be read (task work, Linux 6.18). It is not asked for every attempt, because
 * that takes an interrupt, some 10 us in a virtual machine.
 *
 * What it gains: without it, kernels without trampolines (small ones made for virtual machines, and
 * arm64 before 6.4) would have to use the tracepoint sys_exit_connect. While that is attached, each
 * system call of the host takes a slower path: getppid() takes 173 ns instead of 133 ns, and small
 * round trips take 2 to 3 % more CPU. With task work for every attempt, a connection of
 * `scripts/bench storm` took 68 us instead of 57 us.
 *
 * What it costs: this file, and a rule for each way in which connect() can fail, which must be kept
 * in step with the kernel. Failures for which there is no rule are not seen; docs/kernel.md names
 * those that are known. And the kernel's function has no fixed number, so the recorder puts it in
 * before the program is loaded (recorder/kernel/task_work.h).
 *
 * The fence: attempts.h knows of this file only the fields `asked` and `at_return`; the recorder
 * knows of it in recorder/kernel/task_work.* and connect_errors.*. How to remove it, once all
 * kernels that matter have trampolines, or if the tracepoint becomes cheap:
 *   1. Remove this file and its #include in ctrack.bpf.c, and CTRACK_CALL_AT_RETURN in
 *      ctrack_event.h.
 *   2. Remove `asked`, `at_return` and struct bpf_task_work in attempts.h, where suspecting is also
 *      mentioned.
 *   3. Remove recorder/kernel/task_work.*, and in connect_errors.* ConnectErrors::task_work and
 *      its programs; then load.cpp need not try to load a second time.
 *   4. Kernels without trampolines then take the tracepoint. Old files may say `task work` in
 *      recordings.connect_errors, so the schema keeps the word.
 *   5. The tests that run each way are in tests/live (test_attempts.py); docs/kernel.md has the
 *      table of the ways.
 */
#ifndef CTRACK_SUSPECTS_H
#define CTRACK_SUSPECTS_H

#include <linux/errno.h>

#include "attempts.h"

/*
 * The kernel's bpf_task_work_schedule_resume_impl(). Its number differs from kernel to kernel,
 * unlike those of helpers, so the recorder puts the number of the running kernel in the place of
 * this placeholder. If it were declared as __ksym, libbpf 1.1 could not load anything at all on a
 * kernel that declares the function otherwise.
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

/* The kernel calls this in the thread itself, on its way back to user space. */
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
 * Asks the kernel to call judge(). A place has room for one such request: while it waits for a
 * thread that is in connect(), nothing can be asked for another thread with the same place. That
 * may lose an attempt, and is counted as a loss.
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

/* connect() looks for a route in one table after the other. An error says: not in this one. */
SEC("?raw_tp/fib_table_lookup")
int ctrack_route_looked_up(__u64 *args)
{
	int error = args[3]; /* the arguments before it: the table, the flow and what was found */

	if (error)
		suspect_current_attempt();
	return 0;
}

/*
 * The same for IPv6. Its first table has this host's own addresses and rejects all others, so that
 * is no sign of a failure.
 */
SEC("?raw_tp/fib6_table_lookup")
int ctrack_route6_looked_up(__u64 *args)
{
	struct fib6_result *found = (void *)args[1];
	struct fib6_table *table = (void *)args[2];

	if (BPF_CORE_READ(found, fib6_flags) & RTF_REJECT &&
	    BPF_CORE_READ(table, tb6_id) != RT_TABLE_LOCAL)
		suspect_current_attempt();
	return 0;
}

/*
 * A socket leaves SYN_SENT although CONNECT_CB has not come: there was no local port.
 */
SEC("?raw_tp/inet_sock_set_state")
int ctrack_state_set_back(__u64 *args)
{
	if (args[1] == BPF_TCP_SYN_SENT && args[2] == BPF_TCP_CLOSE)
		suspect_current_attempt();
	return 0;
}

/*
 * Whether the peer is multicast, broadcast, reserved or link-local. The kernel may refuse such
 * addresses without looking up a route.
 */
static __always_inline bool is_unusual(const struct attempt *a)
{
	const __u32 *words = (const void *)a->peer_address;
	const __u8 *bytes = a->peer_address;

	if (!words[0] && !words[1] && words[2] == bpf_htonl(0xffff)) /* IPv4 */
		return bytes[12] >= 224;
	return bytes[0] == 0xff || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

/*
 * Whether connect() may fail in this network namespace without looking up a route: because of a
 * routing rule that somebody has added, or because there is no table before the first IPv4 address.
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

SEC("?cgroup/connect4")
int ctrack_connect4_suspecting(struct bpf_sock_addr *ctx)
{
	struct attempt *a = note_attempt4(ctx);

	if (a)
		suspect_if_unusual(ctx, a);
	return 1;
}

SEC("?cgroup/connect6")
int ctrack_connect6_suspecting(struct bpf_sock_addr *ctx)
{
	struct attempt *a = note_attempt6(ctx);

	if (a)
		suspect_if_unusual(ctx, a);
	return 1;
}

#endif
