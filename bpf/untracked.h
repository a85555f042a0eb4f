/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * A socket may have no place where something of it can be remembered: its slot is taken (slots.h),
 * and its storage is refused (tracked.h). A process can bring that about, because storage counts
 * against the memory that the kernel grants a socket for options (net.core.optmem_max). So that no
 * process can choose not to be recorded, each call about such a socket is told as it comes, and the
 * recorder puts them together.
 */
#ifndef CTRACK_UNTRACKED_H
#define CTRACK_UNTRACKED_H

#include "slots.h"

/*
 * Fills in what one call alone can know. The generation is 1 for each connection of the socket.
 * Only a call that begins a connection announces it: the others come too often to send a summary
 * with each. The function is not static, so that the verifier knows nothing of what it fills in
 * (docs/kernel.md, Loading).
 */
__noinline int meet_untracked(struct bpf_sock_ops *skops, struct tracked *t, __u64 cookie, __u64 now)
{
	struct tcp_sock *tp = tcp_of(skops);

	if (!tp || !t)
		return 0;
	meet(skops, tp, t, cookie, now);
	t->untracked = 1;
	t->announced = skops->op != BPF_SOCK_OPS_TCP_CONNECT_CB &&
		       skops->op != BPF_SOCK_OPS_TCP_LISTEN_CB;
	return 0;
}

/* A round trip says little without those before it, and comes too often. It is counted as lost. */
static __always_inline bool is_told_untracked(const struct bpf_sock_ops *skops)
{
	if (skops->op != BPF_SOCK_OPS_RTT_CB)
		return true;
	count_loss(CTRACK_LOSS_NO_STORAGE);
	return false;
}

#endif
