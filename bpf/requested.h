/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Finds out that a BPF program on connect() (cgroup/connect4 or connect6, as Cilium has) has put
 * another address in the place of the one that the process asked for. That program changes the
 * kernel's copy of the address, so the process's own memory still has what it asked for, and it
 * does not matter in which order the programs ran. TCP connects within the call of connect(), so
 * its arguments are at hand.
 *
 * What sendto(), io_uring and 32-bit processes ask for is not looked at.
 */
#ifndef CTRACK_REQUESTED_H
#define CTRACK_REQUESTED_H

#include <bpf/bpf_core_read.h>

#include "emit.h"
#include "records.h"

#define CONNECT_ON_X86 42
#define CONNECT_ON_ARM64 203

/* The layout of sockaddr_in6; of sockaddr_in the first eight bytes, which end in the address. */
struct socket_address {
	__u16 family;
	__u16 port;
	__u32 ip4; /* IPv6: flow label */
	__u8 ip6[16];
};

/* The programs that run at connect() of such a socket. */
static __always_inline struct bpf_prog_array *programs_on_connect(const struct sock *sk)
{
	struct cgroup *cgroup = sk->sk_cgrp_data.cgroup;
	void *all = (void *)cgroup + bpf_core_field_offset(struct cgroup, bpf.effective);

	if (sk->__sk_common.skc_family == FAMILY_INET)
		return ((void **)all)[bpf_core_enum_value(enum cgroup_bpf_attach_type,
							  CGROUP_INET4_CONNECT)];
	return ((void **)all)[bpf_core_enum_value(enum cgroup_bpf_attach_type,
						  CGROUP_INET6_CONNECT)];
}

/* Whether another program than ours runs at connect(). Mostly none does. */
static __always_inline bool may_be_changed(const struct sock *sk)
{
	struct bpf_prog_array *programs = programs_on_connect(sk);

	if (settings.connect_errors)
		return programs->items[0].prog && programs->items[1].prog;
	return programs->items[0].prog;
}

/* The address that connect() was called with; 0 if the current thread is not in connect(). */
static __always_inline void *argument_of_connect(struct task_struct *task)
{
	void *regs = (void *)bpf_task_pt_regs(task);
	struct pt_regs___x86 *x86 = regs;
	struct pt_regs___arm64 *arm64 = regs;

	if (bpf_core_field_exists(x86->orig_ax))
		return x86->orig_ax == CONNECT_ON_X86 ? (void *)x86->si : 0;
	return arm64->syscallno == CONNECT_ON_ARM64 ? (void *)arm64->regs[1] : 0;
}

/* False if it is 0.0.0.0 or ::, for which the kernel itself takes an address of this host. */
static __always_inline bool read_requested(struct ctrack_requested *r, const void *user)
{
	struct socket_address a = {};

	if (!user || bpf_probe_read_user(&a, 8, user) != 0)
		return false;
	r->port = bpf_ntohs(a.port);
	map_ipv4(r->address, a.ip4);
	if (a.family == FAMILY_INET)
		return a.ip4 != 0;
	if (a.family != FAMILY_INET6 ||
	    bpf_probe_read_user(r->address, sizeof(r->address), user + 8) != 0)
		return false;
	return (((__u64 *)r->address)[0] | ((__u64 *)r->address)[1]) != 0;
}

static __always_inline bool is_peer(const struct ctrack_requested *r, const struct sock_common *skc)
{
	const __u64 *asked = (const void *)r->address;
	__u8 peer[16];

	if (r->port != bpf_ntohs(skc->skc_dport))
		return false;
	if (skc->skc_family == FAMILY_INET6)
		copy_16_bytes(peer, &skc->skc_v6_daddr);
	else
		map_ipv4(peer, skc->skc_daddr);
	return asked[0] == ((__u64 *)peer)[0] && asked[1] == ((__u64 *)peer)[1];
}

/* Sends what connect() was called with, if the socket connects to something else. */
static __noinline int send_requested(struct tcp_sock *tp, const struct tracked *t, __u64 now)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct ctrack_requested r = {};
	struct ctrack_requested *record;

	if (!may_be_changed(&tp->inet_conn.icsk_inet.sk) || task->flags & PF_KTHREAD)
		return 0;
	if (!read_requested(&r, argument_of_connect(task)) ||
	    is_peer(&r, &tp->inet_conn.icsk_inet.sk.__sk_common))
		return 0;
	record = reserve(lifecycle_ring(t->cookie), sizeof(*record));
	if (!record)
		return 0;
	fill_event(&r.event, t, now, CTRACK_REQUESTED, STATES(BPF_TCP_CLOSE, BPF_TCP_SYN_SENT), 0);
	*record = r;
	submit(record);
	return 0;
}

#endif
