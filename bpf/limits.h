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

/* The numbers of chrono_type. */
#define CHRONO_BUSY 1
#define CHRONO_RWND_LIMITED 2
#define CHRONO_SNDBUF_LIMITED 3

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

/* One of the kernel's three stopwatches, of which one may run, as tcp_get_info_chrono_stats(). */
static __always_inline __u32 stopwatch(const struct tcp_sock *tp, __u32 running, __u32 which,
				       __u32 now)
{
	return tp->chrono_stat[which - 1] + (running == which ? since(tp->chrono_start, now) : 0);
}

static __always_inline void fill_stopwatches(struct ctrack_summary *s, const struct tcp_sock *tp,
					     __u32 now)
{
	__u32 running = BPF_CORE_READ_BITFIELD(tp, chrono_type);
	__u32 rwnd_limited = stopwatch(tp, running, CHRONO_RWND_LIMITED, now);
	__u32 sndbuf_limited = stopwatch(tp, running, CHRONO_SNDBUF_LIMITED, now);

	s->busy_ms = to_ms(stopwatch(tp, running, CHRONO_BUSY, now) + rwnd_limited +
			   sndbuf_limited);
	s->rwnd_limited_ms = to_ms(rwnd_limited);
	s->sndbuf_limited_ms = to_ms(sndbuf_limited);
}

/*
 * Which way data went last. Where both happened within one tick of the kernel's clock, as in a
 * quick exchange, the last ACK that measured an RTT tells: if it acknowledged data of ours, and the
 * peer's data is still what it was then, nothing came after what we sent.
 */
static __always_inline enum ctrack_last_data last_data(const struct ctrack_summary *s,
						       const struct tcp_sock *tp,
						       const struct tracked *t)
{
	__s32 sent_later = tp->lsndtime - tp->inet_conn.icsk_ack.lrcvtime;

	if (!s->bytes_sent || !s->bytes_received)
		return s->bytes_sent	     ? CTRACK_LAST_SENT
		       : s->bytes_received ? CTRACK_LAST_RECEIVED
					   : CTRACK_LAST_UNKNOWN;
	if (sent_later)
		return sent_later > 0 ? CTRACK_LAST_SENT : CTRACK_LAST_RECEIVED;
	if (!t->rcv_nxt_at_ack)
		return CTRACK_LAST_UNKNOWN;
	return t->rcv_nxt_at_ack == tp->rcv_nxt ? CTRACK_LAST_SENT : CTRACK_LAST_RECEIVED;
}

/* Fills in what held the connection up. bytes_sent and bytes_received must have been filled in. */
static __always_inline void fill_limits(struct ctrack_summary *s, const struct tcp_sock *tp,
					const struct tracked *t, bool fin_sent)
{
	__u32 now = bpf_jiffies64();

	fill_stopwatches(s, tp, now);
	s->sent_ago_ms = to_ms(since(tp->lsndtime, now));
	s->received_ago_ms = to_ms(since(tp->inet_conn.icsk_ack.lrcvtime, now));
	s->last_data = last_data(s, tp, t);
	s->unacknowledged = (__u32)(tp->write_seq - tp->snd_una) > fin_sent;
	s->retrans_spurious_segs = tp->dsack_dups;
	s->reserved2 = 0;
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
