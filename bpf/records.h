/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Fills and sends events, summaries and RTT samples; process.h and requested.h send the other
 * kinds.
 */
#ifndef CTRACK_RECORDS_H
#define CTRACK_RECORDS_H

#include <linux/errno.h>

#include "emit.h"
#include "interface.h"
#include "limits.h"
#include "sample_rings.h"
#include "time.h"
#include "tracked.h"

/* An IPv4 address in its IPv6 form, ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
static __always_inline void map_ipv4(__u8 *to, __u32 ip4)
{
	__u32 words[4] = {0, 0, bpf_htonl(0xffff), ip4};

	__builtin_memcpy(to, words, sizeof(words));
}

/*
 * The local port is read from inet_sock, because sock_common has lost it when a tracepoint sees a
 * close.
 */
static __always_inline void fill_endpoints(struct ctrack_summary *s, struct inet_sock *inet)
{
	struct sock_common *skc = &inet->sk.__sk_common;

	if (skc->skc_family == FAMILY_INET6) {
		copy_16_bytes(s->local_address, &skc->skc_v6_rcv_saddr);
		copy_16_bytes(s->peer_address, &skc->skc_v6_daddr);
	} else {
		map_ipv4(s->local_address, skc->skc_rcv_saddr);
		map_ipv4(s->peer_address, skc->skc_daddr);
	}
	s->local_port = bpf_ntohs(inet->inet_sport);
	s->peer_port = bpf_ntohs(skc->skc_dport);
}

/* Whether our FIN has been sent: it is the last thing that was written. */
static __always_inline bool fin_is_sent(const struct tcp_sock *tp)
{
	const __u32 after_fin = 1 << BPF_TCP_FIN_WAIT1 | 1 << BPF_TCP_FIN_WAIT2 |
				1 << BPF_TCP_CLOSING | 1 << BPF_TCP_LAST_ACK;
	__u32 state = tp->inet_conn.icsk_inet.sk.__sk_common.skc_state;

	return after_fin >> state & 1 && tp->snd_nxt == tp->write_seq;
}

/*
 * The payload sent, each byte once. It follows from the sequence numbers, because the kernel's
 * bytes_sent counts a byte with each attempt, also where this host itself refuses to send it; and
 * its bytes_retrans counts retransmissions alone. But before the handshake is done, the sequence
 * numbers may be those of an earlier connection of the socket; and it is not known of a connection
 * older than the recorder whether they count its SYN.
 */
static __always_inline __u64 payload_sent(const struct tcp_sock *tp, const struct tracked *t,
					  bool fin_sent)
{
	__u64 attempted = tp->bytes_sent - tp->bytes_retrans;
	__u64 sent = tp->bytes_acked + (__u32)(tp->snd_nxt - tp->snd_una) - t->acked_at_start -
		     fin_sent;

	return t->established_ns || sent < attempted ? sent : attempted;
}

/* The payload received. The kernel counts the peer's FIN as one byte more. */
static __always_inline __u64 payload_received(const struct tcp_sock *tp, const struct tracked *t,
					      bool peer_fin)
{
	__u64 received = tp->bytes_received;

	return received - (received && peer_fin && !t->fin_not_counted);
}

/* What the kernel has made of the RTT of every ACK, while it gives us one in each round trip. */
static __always_inline void fill_kernel_rtt(struct ctrack_summary *s, const struct tcp_sock *tp)
{
	s->srtt_us = tp->srtt_us >> 3;
	s->rtt_deviation_us = tp->mdev_us >> 2;
	s->kernel_rtt_min_us = tp->rtt_min.s[0].v;
}

static __always_inline void fill_ulp(struct ctrack_summary *s, const struct tcp_sock *tp)
{
	const struct tcp_ulp_ops *ops = tp->inet_conn.icsk_ulp_ops;

	*(__u64 *)s->ulp = ops ? *(const __u64 *)ops->name : 0;
}

static __always_inline void fill_counters(struct ctrack_summary *s, struct tcp_sock *tp,
					  const struct tracked *t)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	bool fin_sent = fin_is_sent(tp);

	s->peer_fin = (sk->__sk_common.skc_flags >> SOCK_DONE_BIT) & 1;
	s->orphan = is_orphan(tp);
	s->repair = BPF_CORE_READ_BITFIELD(tp, repair);
	s->uid = sk->sk_uid.val;
	s->cgroup_id = sk->sk_cgrp_data.cgroup->kn->id;
	s->netns = sk->__sk_common.skc_net.net->ns.inum;
	s->bytes_sent = payload_sent(tp, t, fin_sent);
	s->bytes_received = payload_received(tp, t, s->peer_fin);
	s->segs_sent = tp->segs_out;
	s->segs_received = tp->segs_in;
	s->retrans_segs = tp->total_retrans;
	s->rate_delivered = tp->rate_delivered;
	s->rate_interval_us = tp->rate_interval_us;
	s->mss = tp->mss_cache;
	fill_kernel_rtt(s, tp);
	copy_16_bytes(s->congestion, tp->inet_conn.icsk_ca_ops->name);
	fill_ulp(s, tp);
	read_limits(s, tp, t, fin_sent);
}

static __always_inline void fill_tracked(struct ctrack_summary *s, const struct tracked *t)
{
	s->direction = t->direction;
	s->pid_source = t->pid_source;
	s->states_seen = t->states_seen;
	s->owner = t->owner;
	s->rtos = t->rtos;
	s->retrans_fast_segs = t->retrans_fast_segs;
	s->retrans_tlp_segs = t->retrans_tlp_segs;
	s->retrans_timeout_segs = t->retrans_timeout_segs;
	s->opened_ns = t->opened_ns;
	s->established_ns = t->established_ns;
	s->rtt_samples = t->rtt_samples;
	s->rtt_sum_us = t->rtt_sum_us;
	s->rtt_min_us = t->rtt_min_us;
	s->rtt_max_us = t->rtt_max_us;
	s->untracked = t->untracked;
}

#define STATES(old, new) ((__u32)(old) << 8 | (new))

static __always_inline void fill_event(struct ctrack_event *e, const struct tracked *t, __u64 now,
				       enum ctrack_kind kind, __u32 states, __u32 value)
{
	e->cookie = t->cookie;
	e->time_ns = now;
	e->generation = t->generation;
	e->kind = kind;
	e->old_state = states >> 8;
	e->new_state = states;
	e->reserved = 0;
	e->value = value;
	e->reserved2 = 0;
}

static __always_inline void send_event(const struct tracked *t, __u64 now, enum ctrack_kind kind,
				       __u32 states, __u32 value)
{
	void *ring = lifecycle_ring(t->cookie);
	struct ctrack_event *e = reserve(ring, sizeof(*e));

	if (!e)
		return;
	fill_event(e, t, now, kind, states, value);
	submit(e);
}

/*
 * The error that ends the connection. A socket that has asked for errors (IP_RECVERR) goes on after
 * an ICMP error and keeps it in sk_err. A timeout, which ends it, takes over what sk_err_soft says.
 */
static __always_inline int ending_error(const struct sock *sk, __u32 old_state)
{
	int error = sk->sk_err;

	if (old_state == BPF_TCP_SYN_SENT || old_state == BPF_TCP_SYN_RECV ||
	    error == ECONNRESET || error == EPIPE || error == ETIMEDOUT || error == ECONNABORTED)
		return error;
	return error == sk->sk_err_soft ? error : 0;
}

static __always_inline __u32 value_of(enum ctrack_kind kind, const struct sock *sk,
				      const struct tracked *t, __u32 old_state)
{
	if (kind == CTRACK_CLOSE)
		return ending_error(sk, old_state);
	return kind == CTRACK_ACCEPT ? t->handshake_us : 0;
}

static __always_inline void fill_accept_queue(struct ctrack_accept_queue *queue,
					      const struct sock *sk, const struct tracked *t)
{
	__u32 length = sk->sk_ack_backlog;

	queue->length = length;
	queue->longest = t->longest_queue > length ? t->longest_queue : length;
	queue->limit = sk->sk_max_ack_backlog;
	queue->drops = sk->sk_drops.counter;
}

static __always_inline void fill_summary(struct ctrack_summary *s, struct tcp_sock *tp,
					 const struct tracked *t, __u64 now, enum ctrack_kind kind,
					 __u32 states)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;

	fill_event(&s->event, t, now, kind, states, value_of(kind, sk, t, states >> 8));
	fill_tracked(s, t);
	fill_endpoints(s, &tp->inet_conn.icsk_inet);
	fill_interface(s, sk->__sk_common.skc_bound_dev_if, sk);
	fill_counters(s, tp, t);
	if (kind == CTRACK_LISTENER)
		fill_accept_queue(&s->accept_queue, sk, t);
}

static __noinline int send_summary(struct tcp_sock *tp, struct tracked *t, __u64 now, __u32 kind,
				   __u32 states)
{
	struct ctrack_summary *s;
	void *ring;

	t->announced = 1;
	ring = lifecycle_ring(t->cookie);
	s = reserve(ring, sizeof(*s));
	if (!s)
		return 0;
	fill_summary(s, tp, t, now, kind, states);
	submit_and_wake(ring, s, &lifecycle_woken_at[lifecycle_ring_of(t->cookie)]);
	return 0;
}

static __always_inline void send_rtt(struct tracked *t, __u64 now, __u32 rtt_us, __u32 srtt_us,
				     __u8 state, enum ctrack_rtt_source source)
{
	struct ctrack_rtt sample = {
		.cookie = t->cookie,
		.time_ns = now,
		.generation = t->generation,
		.rtt_us = rtt_us,
		.srtt_us = srtt_us,
		.state = state,
		.source = source,
	};

	if (t->sample_ns && now - t->sample_ns < settings.rtt_min_gap_ns)
		return;
	t->sample_ns = now;
	send_sample(&sample);
}

#endif
