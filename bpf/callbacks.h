/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What each of TCP's callbacks means: a connection or a listener begins, is established, changes
 * its state or ends; a round trip was measured, a segment sent again, or a timeout passed.
 */
#ifndef CTRACK_CALLBACKS_H
#define CTRACK_CALLBACKS_H

#include "attempts.h"
#include "process.h"
#include "records.h"
#include "requested.h"
#include "resets.h"
#include "slots.h"

/*
 * A connection that nothing has announced yet is older than the recorder. (The callbacks that may
 * come before a connection is accepted do not ask.)
 */
static __always_inline void announce(struct tcp_sock *tp, struct tracked *t, __u64 now, __u32 state)
{
	if (!t->announced)
		send_summary(tp, t, now, CTRACK_PREEXISTING, STATES(state, state));
}

/* A connection or a listening socket begins, and the current process is its owner. */
static __always_inline void begin(struct tracked *t, __u64 now, enum ctrack_pid_source source)
{
	if (t->opened_ns || t->announced) /* the socket was used before */
		start_connection(t, t->cookie, t->generation + 1);
	t->opened_ns = now;
	t->pid_source = CTRACK_PID_UNKNOWN;
	t->silent = 0;
	own(t, source);
}

/*
 * The kernel itself opens further subflows of Multipath TCP. They belong to whom the first belongs.
 * A first subflow that has no slot cannot be found.
 */
static __always_inline void own_as_first_subflow(struct tcp_sock *tp, struct tracked *t)
{
	struct mptcp_subflow_context *subflow;
	struct slot *slot;
	struct sock *conn;
	__u64 cookie;

	if (!bpf_core_field_exists(tp->is_mptcp) || !tp->is_mptcp)
		return;
	subflow = tp->inet_conn.icsk_ulp_data;
	conn = BPF_CORE_READ(subflow, conn);
	cookie = BPF_CORE_READ((struct mptcp_sock *)conn, first, __sk_common.skc_cookie.counter);
	slot = cookie ? slot_of(cookie) : 0;
	if (slot)
		inherit_owner(t, &slot->tracked);
}

static __always_inline void on_listen(struct tcp_sock *tp, struct tracked *t, __u64 now)
{
	begin(t, now, CTRACK_PID_LISTENER);
	send_summary(tp, t, now, CTRACK_LISTENER, STATES(BPF_TCP_CLOSE, BPF_TCP_LISTEN));
}

static __always_inline void on_connect(struct tcp_sock *tp, struct tracked *t, __u64 now)
{
	forget_attempt();
	begin(t, now, CTRACK_PID_CONNECT);
	if (t->pid_source == CTRACK_PID_UNKNOWN)
		own_as_first_subflow(tp, t);
	t->direction = CTRACK_ACTIVE;
	t->acked_at_start = 1;
	t->states_seen = 1 << BPF_TCP_SYN_SENT;
	send_summary(tp, t, now, CTRACK_CONNECT, STATES(BPF_TCP_CLOSE, BPF_TCP_SYN_SENT));
	send_requested(tp, t, now);
}

static __always_inline void note_established(const struct tcp_sock *tp, struct tracked *t,
					     __u64 now)
{
	t->established_ns = now;
	t->acked_at_start = tp->bytes_acked != 0;
	t->states_seen |= 1 << BPF_TCP_ESTABLISHED;
}

static __always_inline void on_active_established(struct tcp_sock *tp, struct tracked *t, __u64 now)
{
	t->direction = CTRACK_ACTIVE; /* unknown if its SYN was sent before we came */
	announce(tp, t, now, BPF_TCP_SYN_SENT);
	note_established(tp, t, now);
	send_event(t, now, CTRACK_ESTABLISHED, STATES(BPF_TCP_SYN_SENT, BPF_TCP_ESTABLISHED), 0);
}

/* A socket that is connected to itself comes here too, but its direction is already known. */
static __always_inline void on_passive_established(struct tcp_sock *tp, struct tracked *t,
						   __u64 now)
{
	note_established(tp, t, now);
	if (t->direction == CTRACK_ACTIVE) {
		send_event(t, now, CTRACK_ESTABLISHED,
			   STATES(BPF_TCP_SYN_RECV, BPF_TCP_ESTABLISHED), 0);
		return;
	}
	if (!t->opened_ns)
		t->opened_ns = t->established_ns;
	t->direction = CTRACK_PASSIVE;
	note_queue(tp, t->cookie);
	send_summary(tp, t, now, CTRACK_ACCEPT, STATES(BPF_TCP_SYN_RECV, BPF_TCP_ESTABLISHED));
}

/*
 * Whether this is a transition that only the process that closes the socket makes. There the worker
 * process behind an accepted connection shows itself.
 */
static __always_inline bool in_closing_process(const struct tracked *t, __u32 old_state,
					       __u32 new_state, int error)
{
	if (old_state == BPF_TCP_ESTABLISHED)
		return new_state == BPF_TCP_FIN_WAIT1 || (new_state == BPF_TCP_CLOSE && !error);
	if (old_state == BPF_TCP_SYN_RECV) /* accepted with TCP Fast Open */
		return new_state == BPF_TCP_FIN_WAIT1 ||
		       (new_state == BPF_TCP_CLOSE && !error && t->established_ns);
	if (old_state == BPF_TCP_CLOSE_WAIT)
		return new_state == BPF_TCP_LAST_ACK || (new_state == BPF_TCP_CLOSE && !error);
	return false;
}

static const char recorder_name[16] __attribute__((aligned(8))) = "ctrack-recorder";

/*
 * Whether this process is a recorder, this one or another. The iterator ctrack_find_owners() holds
 * each open file of the host for a moment, so a socket that its process closes meanwhile is in the
 * end closed by the recorder that reads the iterator, which is no reason to call it the owner. A
 * recorder is known by its name, because this program cannot know the pids of other recorders.
 */
static __always_inline bool is_recorder(const struct task_struct *task)
{
	return same_comm(task->group_leader->comm, recorder_name);
}

static __always_inline void own_as_closer(struct tracked *t)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	if (t->pid_source == CTRACK_PID_ACCEPT && t->owner.pid == (__u32)task->tgid)
		return;
	if (!is_recorder(task))
		own(t, CTRACK_PID_CLOSER);
}

/*
 * A connect() that finds no local port goes through SYN_SENT without CONNECT_CB. It is seen here
 * if an earlier connection of the socket, perhaps under another recorder, has left the callbacks
 * on.
 */
static __always_inline bool is_failed_attempt(const struct tracked *t, __u32 old_state)
{
	return t->states_seen & (1 << BPF_TCP_CLOSE) ||
	       (old_state == BPF_TCP_SYN_SENT && !t->announced);
}

/* Such a connection is told by its close alone, because it may have begun just now. */
static __always_inline bool ends_unaccepted(__u32 old_state, __u32 new_state)
{
	return old_state == BPF_TCP_SYN_RECV && new_state == BPF_TCP_CLOSE;
}

/*
 * The FIN of a SYN-ACK with data, which a client of TCP Fast Open takes, is not in bytes_received.
 * The application has read nothing by then, so what it has not read is one more than was received.
 */
static __always_inline bool is_fin_of_syn_ack(const struct tcp_sock *tp, __u32 new_state)
{
	return new_state == BPF_TCP_CLOSE_WAIT &&
	       (__u32)(tp->rcv_nxt - tp->copied_seq) > tp->bytes_received;
}

static __always_inline void on_state(struct tcp_sock *tp, struct tracked *t, __u64 now,
				     __u32 old_state, __u32 new_state)
{
	int error = ending_error(&tp->inet_conn.icsk_inet.sk, old_state);

	if (old_state == BPF_TCP_LISTEN) {
		send_summary(tp, t, now, CTRACK_LISTENER, STATES(old_state, new_state));
		leave_slot(tp, t);
		return;
	}
	if (is_failed_attempt(t, old_state)) {
		leave_slot(tp, t);
		return;
	}
	if (!ends_unaccepted(old_state, new_state))
		announce(tp, t, now, old_state);
	t->states_seen |= 1 << (new_state & 15);
	if (is_fin_of_syn_ack(tp, new_state))
		t->fin_not_counted = 1;
	if (t->direction != CTRACK_ACTIVE && in_closing_process(t, old_state, new_state, error))
		own_as_closer(t);
	if (new_state != BPF_TCP_CLOSE) {
		send_event(t, now, CTRACK_STATE, STATES(old_state, new_state), 0);
		return;
	}
	send_summary(tp, t, now, CTRACK_CLOSE, STATES(old_state, new_state));
	if (may_send_reset_yet(tp, old_state, error))
		note_end(t);
	leave_slot(tp, t);
}

/*
 * The measured RTT is args[0], which another program may have overwritten. So the RTT is computed
 * from the two smoothed values: the kernel has made new = old + rtt - old / 8 (tcp_rtt_estimator(),
 * where all are << 3). srtt_us is still the old one here.
 */
static __always_inline __u32 measured_rtt_us(__u32 old_srtt, __u32 new_srtt)
{
	return old_srtt ? new_srtt - old_srtt + (old_srtt >> 3) : new_srtt >> 3;
}

/*
 * Whether this RTT is that of the handshake on the accepting side, of which nothing is known yet.
 * It is no round trip with TCP_DEFER_ACCEPT or a SYN cookie, and the kernel does not say so. So it
 * is no sample: CTRACK_ACCEPT, which comes next, tells it.
 */
static __always_inline bool is_being_established(const struct tracked *t, __u32 state)
{
	return !t->announced && state == BPF_TCP_SYN_RECV;
}

static __always_inline void on_rtt(struct bpf_sock_ops *skops, struct tcp_sock *tp,
				   struct tracked *t, __u64 now)
{
	__u32 old_srtt = skops->srtt_us;
	__u32 new_srtt = skops->args[1];
	enum ctrack_rtt_source source = CTRACK_RTT_MEASURED;
	__u32 rtt_us = measured_rtt_us(old_srtt, new_srtt);

	note_ack(t, tp);
	if (!new_srtt) { /* a kernel before 6.10 passes nothing */
		rtt_us = tp->rack.rtt_us;
		if (!rtt_us) /* RACK has none of a peer without SACK */
			return;
		new_srtt = old_srtt;
		source = CTRACK_RTT_RACK;
	}
	if (is_being_established(t, skops->state)) {
		t->handshake_us = rtt_us;
		return;
	}
	announce(tp, t, now, skops->state);
	add_rtt(t, rtt_us);
	send_rtt(t, now, rtt_us, new_srtt >> 3, skops->state, source);
}

static __always_inline void on_retransmit(struct bpf_sock_ops *skops, struct tcp_sock *tp,
					  struct tracked *t, __u64 now)
{
	__u32 error = skops->args[2];

	announce(tp, t, now, skops->state);
	if (!error)
		count_retransmit(t, tp, skops->args[1]);
	send_event(t, now, error ? CTRACK_RETRANSMIT_FAILED : CTRACK_RETRANSMIT,
		   STATES(skops->state, skops->state), skops->args[1]);
}

static __always_inline void on_rto(struct bpf_sock_ops *skops, struct tcp_sock *tp,
				   struct tracked *t, __u64 now)
{
	announce(tp, t, now, skops->state);
	t->rtos++;
	send_event(t, now, CTRACK_RTO, STATES(skops->state, skops->state),
		   tp->inet_conn.icsk_retransmits + 1);
}

#endif
