/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The kernel half of the recorder: a sock_ops program at the root of cgroup2, which sees every TCP
 * socket of the host.
 *
 * Rules that are kept throughout:
 *  - The program never writes skops->reply and always returns 1, because other programs share the
 *    hook.
 *  - Callback flags are OR-ed in, in every call that is handled, because setting them replaces all
 *    flags, and another program may have set only its own.
 *  - The old state is skops->state (which STATE_CB has not changed yet), the new state is args[1].
 *    args[0] is never read, because it shares its place with reply, and a program before this one
 *    may have written that.
 */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "ctrack_event.h"
#include "kernel_types.h"
#include "emit.h"
#include "time.h"
#include "tracked.h"
#include "slots.h"
#include "untracked.h"
#include "process.h"
#include "records.h"
#include "accept.h"
#include "resets.h"
#include "attempts.h"
#include "suspects.h"
#include "callbacks.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline __u32 wanted_callbacks(void)
{
	__u32 wanted = BPF_SOCK_OPS_STATE_CB_FLAG | BPF_SOCK_OPS_RETRANS_CB_FLAG |
		       BPF_SOCK_OPS_RTO_CB_FLAG;

	return settings.rtt_enabled ? wanted | BPF_SOCK_OPS_RTT_CB_FLAG : wanted;
}

static __always_inline void keep_callbacks_on(struct bpf_sock_ops *skops)
{
	__u32 wanted = wanted_callbacks();
	__u32 set = skops->bpf_sock_ops_cb_flags;

	if ((set & wanted) != wanted)
		bpf_sock_ops_cb_flags_set(skops, set | wanted);
}

/*
 * Whether a change of state needs no record. That is so if another record tells it (connect,
 * accept, established, listener), if the socket is no connection, and for a close() after
 * shutdown(), which sets the state that it finds.
 */
static __always_inline bool state_says_nothing_new(__u32 old_state, __u32 new_state)
{
	return new_state == old_state || new_state == BPF_TCP_ESTABLISHED ||
	       old_state == BPF_TCP_CLOSE || new_state == BPF_TCP_LISTEN ||
	       (old_state == BPF_TCP_LISTEN && new_state != BPF_TCP_CLOSE);
}

/* Half of all calls (initial window, timeout, ECN, ...) tell nothing that is recorded. */
static __always_inline bool handled(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_RETRANS_CB:
	case BPF_SOCK_OPS_RTO_CB:
		return true;
	case BPF_SOCK_OPS_RTT_CB: /* another program may have switched it on */
		return settings.rtt_enabled;
	case BPF_SOCK_OPS_STATE_CB:
		return !state_says_nothing_new(skops->state, skops->args[1]);
	default:
		return false;
	}
}

static __always_inline void handle(struct bpf_sock_ops *skops, struct tcp_sock *tp,
				   struct tracked *t, __u64 now)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		on_connect(tp, t, now);
		break;
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		on_listen(tp, t, now);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		on_active_established(tp, t, now);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		on_passive_established(tp, t, now);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		on_state(tp, t, now, skops->state, skops->args[1]);
		break;
	case BPF_SOCK_OPS_RTT_CB:
		on_rtt(skops, tp, t, now);
		break;
	case BPF_SOCK_OPS_RETRANS_CB:
		on_retransmit(skops, tp, t, now);
		break;
	case BPF_SOCK_OPS_RTO_CB:
		on_rto(skops, tp, t, now);
		break;
	}
}

SEC("sockops")
int ctrack_sockops(struct bpf_sock_ops *skops)
{
	struct tcp_sock *tp;
	struct tracked this_call;
	struct tracked *t;
	__u64 cookie, now;

	if (!handled(skops))
		return 1;
	keep_callbacks_on(skops);
	tp = tcp_of(skops);
	if (!tp)
		return 1;
	now = time_of(skops, tp);
	cookie = cookie_of(skops, tp);
	t = tracked_of(skops, tp, cookie, now);
	if (!t) {
		if (!is_told_untracked(skops))
			return 1;
		__builtin_memset(&this_call, 0, sizeof(this_call));
		t = &this_call;
		meet_untracked(skops, t, cookie, now);
	}
	t->silent = 0; /* its callbacks are on after all; the tracepoint comes after STATE_CB */
	handle(skops, tp, t, now);
	return 1;
}

/*
 * Sees the ends of sockets that are older than the recorder while their callbacks are not switched
 * on. The recorder attaches this program before it adopts such sockets, and detaches it when the
 * callbacks of all of them are on. Before Linux 6.12 they never are.
 */
SEC("tp_btf/inet_sock_set_state")
int ctrack_old_socket_state(__u64 *args)
{
	struct sock *sk = (void *)args[0];
	__u32 old_state = args[1];
	__u32 new_state = args[2];
	struct tcp_sock *tp;
	struct tracked *t;

	if (sk->sk_protocol != PROTOCOL_TCP || state_says_nothing_new(old_state, new_state))
		return 0;
	t = bpf_sk_storage_get(&sockets, sk, 0, 0);
	tp = bpf_skc_to_tcp_sock(sk);
	if (t && tp && t->silent)
		on_state(tp, t, current_time(), old_state, new_state);
	return 0;
}

#include "walk.h"
