/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Tells that this host sent a reset after its own FIN. The state and the error at the close do not
 * tell it. If data arrives for a socket that nobody reads any more, the kernel sends a reset, and
 * the socket looks as if it had received one, or as if FINs had ended it.
 *
 * The tracepoint comes just after the close in most cases, when what was remembered of the socket
 * has gone. So the name of the connection is noted at the close.
 */
#ifndef CTRACK_RESETS_H
#define CTRACK_RESETS_H

#include "records.h"
#include "slots.h"

enum { ENDED_PLACES = 1024 }; /* a power of two; x 16 bytes = 16 KiB */

struct ended {
	__u64 cookie;
	__u64 generation;
};

/*
 * The connections that have just ended and may send a reset yet. The last bits of the cookie give
 * the place. A note is used at once or never, so nobody needs to delete it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ENDED_PLACES);
	__type(key, __u32);
	__type(value, struct ended);
} ended SEC(".maps");

static __always_inline struct ended *ended_in_place_of(__u64 cookie)
{
	__u32 place = cookie & (ENDED_PLACES - 1);

	return bpf_map_lookup_elem(&ended, &place);
}

static __always_inline bool has_sent_fin(__u32 state)
{
	return state == BPF_TCP_FIN_WAIT1 || state == BPF_TCP_FIN_WAIT2 ||
	       state == BPF_TCP_CLOSING || state == BPF_TCP_LAST_ACK;
}

/* Whether a socket in TIME_WAIT has taken the place of this one in the table of connections. */
static __always_inline bool went_to_time_wait(const struct sock *sk)
{
	return !sk->__sk_common.skc_node.pprev;
}

/* Without this question each close would pay for a note. It leaves out the ends by FINs alone. */
static __always_inline bool may_send_reset_yet(const struct tcp_sock *tp, __u32 old_state, int error)
{
	if (!has_sent_fin(old_state))
		return false;
	if (error)
		return error == ECONNRESET;
	return old_state == BPF_TCP_LAST_ACK ? !is_orphan(tp)
					     : !went_to_time_wait(&tp->inet_conn.icsk_inet.sk);
}

static __always_inline void note_end(const struct tracked *t)
{
	struct ended *note = ended_in_place_of(t->cookie);

	if (!note)
		return;
	note->cookie = t->cookie;
	note->generation = t->generation;
}

static __always_inline void send_reset_of_noted(__u64 cookie)
{
	struct ended *note = ended_in_place_of(cookie);
	struct tracked t = {.cookie = cookie};

	if (!note || note->cookie != cookie)
		return;
	t.generation = note->generation;
	note->cookie = 0;
	send_event(&t, current_time(), CTRACK_RESET, STATES(BPF_TCP_CLOSE, BPF_TCP_CLOSE), 0);
}

/*
 * Runs for each reset that the host sends. Some resets are of no socket, which older kernels do not
 * tell here (before 6.10), and some are of a socket in TIME_WAIT, which has another cookie.
 */
SEC("tp_btf/tcp_send_reset")
int ctrack_reset_sent(__u64 *args)
{
	struct sock *sk = (void *)args[0];
	struct tcp_sock *tp = sk ? bpf_skc_to_tcp_sock(sk) : 0;
	struct tracked *t;
	__u32 state;

	if (!tp || !cookie_in(tp))
		return 0;
	state = sk->__sk_common.skc_state;
	if (state == BPF_TCP_CLOSE) {
		send_reset_of_noted(cookie_in(tp));
	} else if (has_sent_fin(state)) {
		t = tracked_if_known(tp);
		if (t)
			send_event(t, current_time(), CTRACK_RESET, STATES(state, state), 0);
	}
	return 0;
}

#endif
