/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Finds out which process accepted a connection. An accept() that asks for the peer's address, as
 * nearly all do, runs the hook of getpeername() in the accepting process. If accept() does not ask,
 * the owner is found at a later getpeername(), or when the connection is closed (see
 * in_closing_process()).
 */
#ifndef CTRACK_ACCEPT_H
#define CTRACK_ACCEPT_H

#include "process.h"
#include "slots.h"

static __always_inline int on_accept(struct bpf_sock_addr *ctx)
{
	struct tcp_sock *tp = ctx->sk ? (void *)bpf_skc_to_tcp_sock(ctx->sk) : 0;
	struct tracked *t = tp ? tracked_if_known(tp) : 0;

	/* The source is unknown of a connection that waited when the recorder started. */
	if (!t || t->direction == CTRACK_ACTIVE ||
	    (t->pid_source != CTRACK_PID_LISTENER && t->pid_source != CTRACK_PID_UNKNOWN))
		return 1;
	own(t, CTRACK_PID_ACCEPT);
	return 1;
}

SEC("cgroup/getpeername4")
int ctrack_accept4(struct bpf_sock_addr *ctx)
{
	return on_accept(ctx);
}

SEC("cgroup/getpeername6")
int ctrack_accept6(struct bpf_sock_addr *ctx)
{
	return on_accept(ctx);
}

#endif
