/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What held a connection up, and who is waited for: the kernel's stopwatches, the causes of
 * retransmissions, and which way data went last.
 */
#ifndef CTRACK_LIMITS_H
#define CTRACK_LIMITS_H

#include "ctrack_event.h"
#include "emit.h"
#include "kernel_types.h"
#include "tracked.h"

/* What of a socket makes the last fields of its summary, as the kernel has it. */
struct limits {
	__u32 now;	      /* all times are in jiffies */
	__u32 chrono_start;   /* since when one of the three stopwatches runs */
	__u32 running;	      /* which: 1 to 3; 0 = none */
	__u32 stopwatches[3]; /* busy, limited by the peer's receive window, by the send buffer */
	__u32 sent;
	__u32 received;
	__u32 rcv_nxt;
	__u32 rcv_nxt_at_ack;
	__u32 unacknowledged; /* sequence numbers */
};

static __always_inline __u32 to_ms(__u32 jiffies)
{
	return jiffies * settings.ms_per_jiffy >> 20;
}

/*
 * How long ago that was. A walk does not hold the socket's lock, so the kernel may have set it later
 * than we have read the clock.
 */
static __always_inline __u32 since(__u32 then, __u32 now)
{
	__u32 jiffies = now - then;

	return jiffies < 0xffffff00 ? jiffies : 0;
}

/*
 * Which way data went last. Where both happened within one tick of the kernel's clock, as in a
 * quick exchange, the last ACK that measured an RTT tells: if it acknowledged data of ours, and the
 * peer's data is still what it was then, nothing came after what we sent.
 */
static __always_inline enum ctrack_last_data last_data(const struct ctrack_summary *s,
						       const struct limits *l)
{
	__s32 sent_later = l->sent - l->received;

	if (!s->bytes_sent || !s->bytes_received)
		return s->bytes_sent	     ? CTRACK_LAST_SENT
		       : s->bytes_received ? CTRACK_LAST_RECEIVED
					   : CTRACK_LAST_UNKNOWN;
	if (sent_later)
		return sent_later > 0 ? CTRACK_LAST_SENT : CTRACK_LAST_RECEIVED;
	if (!l->rcv_nxt_at_ack)
		return CTRACK_LAST_UNKNOWN;
	return l->rcv_nxt_at_ack == l->rcv_nxt ? CTRACK_LAST_SENT : CTRACK_LAST_RECEIVED;
}

/*
 * As tcp_get_info_chrono_stats(). The function is not static, so that the kernel verifies its
 * branches once (docs/kernel.md, Loading).
 */
__noinline int fill_limits(struct ctrack_summary *s, const struct limits *l)
{
	__u32 runs;

	if (!s || !l)
		return 0;
	runs = since(l->chrono_start, l->now);
	s->rwnd_limited_ms = l->stopwatches[1] + (l->running == 2 ? runs : 0);
	s->sndbuf_limited_ms = l->stopwatches[2] + (l->running == 3 ? runs : 0);
	s->busy_ms = to_ms(l->stopwatches[0] + (l->running == 1 ? runs : 0) + s->rwnd_limited_ms +
			   s->sndbuf_limited_ms);
	s->rwnd_limited_ms = to_ms(s->rwnd_limited_ms);
	s->sndbuf_limited_ms = to_ms(s->sndbuf_limited_ms);
	s->sent_ago_ms = to_ms(since(l->sent, l->now));
	s->received_ago_ms = to_ms(since(l->received, l->now));
	s->last_data = last_data(s, l);
	s->unacknowledged = (__s32)l->unacknowledged > 0;
	return 0;
}

/* Reads what held the connection up. bytes_sent and bytes_received must have been filled in. */
static __always_inline void read_limits(struct ctrack_summary *s, const struct tcp_sock *tp,
					const struct tracked *t, bool fin_sent)
{
	struct limits l = {
		.now = bpf_jiffies64(),
		.chrono_start = tp->chrono_start,
		.running = BPF_CORE_READ_BITFIELD(tp, chrono_type),
		.stopwatches = {tp->chrono_stat[0], tp->chrono_stat[1], tp->chrono_stat[2]},
		.sent = tp->lsndtime,
		.received = tp->inet_conn.icsk_ack.lrcvtime,
		.rcv_nxt = tp->rcv_nxt,
		.rcv_nxt_at_ack = t->rcv_nxt_at_ack,
		.unacknowledged = tp->write_seq - tp->snd_una - fin_sent,
	};

	s->retrans_spurious_segs = tp->dsack_dups;
	s->reserved2 = 0;
	fill_limits(s, &l);
}

/*
 * Notes how far the peer's data had come when data of ours was acknowledged. Data that comes with the
 * ACK is later than what it acknowledges. TCP takes it in after the ACK, but on its fast path
 * before; then an ACK is to be sent for it, so the note is what came before it.
 */
static __always_inline void note_ack(struct tracked *t, const struct tcp_sock *tp)
{
	t->rcv_nxt_at_ack = tp->rcv_nxt - (tp->inet_conn.icsk_ack.pending & ACK_SCHED);
}

/*
 * Counts segments that are sent again by their cause. The timer of a tail loss probe may be set
 * while ACKs tell of a loss, so the state of congestion control goes before it.
 */
static __always_inline void count_retransmit(struct tracked *t, const struct tcp_sock *tp,
					     __u32 segs)
{
	__u32 state = BPF_CORE_READ_BITFIELD(&tp->inet_conn, icsk_ca_state);

	if (state == CA_RECOVERY)
		t->retrans_fast_segs += segs;
	else if (state == CA_LOSS)
		t->retrans_timeout_segs += segs;
	else if (tp->inet_conn.icsk_pending == TIME_LOSS_PROBE)
		t->retrans_tlp_segs += segs;
}

#endif
