/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Defines, once, every byte that crosses from the kernel program to the recorder.
 *
 * Two sets of rings carry five kinds of records, each of a fixed size and in host byte order:
 *
 *   lifecycle rings: ctrack_event    32 bytes   state changes, retransmits, timeouts, resets
 *                    ctrack_summary 312 bytes   connect, accept, preexisting, close,
 *                                               attempt, listener
 *                    ctrack_process 360 bytes   the command line of an owner, or of one that may
 *                                               become one
 *                    ctrack_requested 56 bytes  what a connect() asked for that was changed
 *   sample rings:    ctrack_rtt      32 bytes   one RTT sample
 *
 * All lifecycle records of a connection go through one ring, in their order. A sample goes through
 * the ring of the CPU on which it is taken. The lifecycle rings are BPF's ring buffers, the sample
 * rings are of our own making (bpf/sample_rings.h).
 *
 * A walk over all sockets gives further summaries, through the file of a BPF iterator: listener for
 * a listening socket, preexisting for a connection that is seen for the first time, and checkpoint
 * for any other connection. Of a connection of which a walk has told before, and where nothing has
 * moved since, it gives an event in place of a checkpoint, through the connection's ring.
 *
 * A summary begins with an event, so the kind of a lifecycle record is always at the same place,
 * and the kind decides the size of the record. A close is complete in itself: it is enough to write
 * the connection down even if all records before it were lost.
 *
 * A connection is named by (cookie, generation), because after a refused connect the same socket,
 * with the same cookie, may connect again. Generation 0 stands for a connect() that failed before
 * TCP; a socket can have several such failures.
 *
 * Times are nanoseconds of CLOCK_BOOTTIME, which is monotonic and goes on while the machine is
 * suspended. Each record has its time in its second word. The sizes are asserted here for C and C++
 * alike.
 */
#ifndef CTRACK_EVENT_H
#define CTRACK_EVENT_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#ifdef __cplusplus
#define CTRACK_STATIC_ASSERT static_assert
#else
#define CTRACK_STATIC_ASSERT _Static_assert
#endif

/* The kinds of events. The SQL table event_kinds has the same numbers. */
enum ctrack_kind {
	CTRACK_CONNECT = 1, /* summary: connect() sends its SYN (TCP_CONNECT_CB) */
	CTRACK_ACCEPT = 2,  /* summary: handshake done, accepting side (PASSIVE_ESTABLISHED_CB);
			       value = microseconds since the SYN-ACK, 0 = not measured */
	CTRACK_ESTABLISHED = 3, /* event: handshake done, connecting side (ACTIVE_ESTABLISHED_CB) */
	CTRACK_STATE = 4,       /* event: any other change of the TCP state (STATE_CB) */
	CTRACK_RETRANSMIT = 5,  /* event: value = segments sent again (RETRANS_CB) */
	CTRACK_RTO = 6,         /* event: value = timeouts in a row, this one included (RTO_CB) */
	CTRACK_CLOSE = 7, /* summary: the last record but CTRACK_RESET; value = the errno that ended
			     it, 0 = none (STATE_CB to TCP_CLOSE) */
	CTRACK_CHECKPOINT = 8,  /* summary: counters of an open connection, from a walk */
	CTRACK_PREEXISTING = 9, /* summary: an older connection is seen for the first time */
	CTRACK_PROCESS = 10,    /* process: an owner is seen for the first time */
	CTRACK_LISTENER = 11,   /* summary: a socket began to listen (LISTEN_CB), was met listening
				   by a walk, or ended (STATE_CB); it is no connection */
	CTRACK_ATTEMPT = 12,    /* summary: connect() failed before TCP sent anything;
				   value = its errno */
	CTRACK_RESET = 13,      /* event: this host sent a reset after its own FIN; it comes just
				   after the close, or before it (tcp_send_reset) */
	CTRACK_RETRANSMIT_FAILED = 14, /* event: this host itself refused to send segments again;
					  value = how many (RETRANS_CB with an error) */
	CTRACK_REQUESTED = 15,  /* requested: connect() had asked for another address, in whose
				   place a BPF program has put the peer's */
	CTRACK_EXECUTED = 16,   /* process: the child of an owner has executed a program; it may
				   become an owner itself */
	CTRACK_UNMOVED = 17,    /* event: a walk has met the connection, and a checkpoint would tell
				   nothing that an earlier one has not told */
};

enum ctrack_direction {
	CTRACK_DIRECTION_UNKNOWN = 0,
	CTRACK_ACTIVE = 1,  /* this end called connect() */
	CTRACK_PASSIVE = 2, /* this end was accepted from a listener */
};

/* How the process that owns a socket is known. */
enum ctrack_pid_source {
	CTRACK_PID_UNKNOWN = 0,
	CTRACK_PID_CONNECT = 1,  /* the process that called connect() */
	CTRACK_PID_LISTENER = 2, /* the process that called listen() */
	CTRACK_PID_CLOSER = 3,   /* the process that closed the accepted socket */
	CTRACK_PID_SCAN = 4,     /* a process that had the socket open when the recorder started */
	CTRACK_PID_ACCEPT = 5,   /* the process that called accept() */
};

enum { CTRACK_MAX_RINGS = 8 }; /* the most rings of each of the two kinds */

/* Which way data went last. */
enum ctrack_last_data {
	CTRACK_LAST_UNKNOWN = 0, /* there was none, or both came at the same tick of the kernel */
	CTRACK_LAST_SENT = 1,
	CTRACK_LAST_RECEIVED = 2,
};

/* Where records are lost. These are the indexes of the counters, which each CPU has. */
enum ctrack_loss {
	CTRACK_LOSS_LIFECYCLE_RING = 0, /* a lifecycle ring was full */
	CTRACK_LOSS_SAMPLE_RING = 1,    /* a sample ring was full */
	CTRACK_LOSS_NO_STORAGE = 2,     /* there was no memory to remember a socket: a round trip, an
					   attempt, or the owner of an older socket */
	CTRACK_LOSS_CAUSES = 3,
};

struct ctrack_event {
	__u64 cookie; /* bpf_get_socket_cookie(); equals idiag_cookie of ss */
	__u64 time_ns;
	__u32 generation; /* 1, 2, ... for each connection made on the socket */
	__u8 kind;        /* enum ctrack_kind */
	__u8 old_state;   /* TCP_ESTABLISHED = 1 ... as in the kernel's tcp_states.h */
	__u8 new_state;
	__u8 reserved;
	__u32 value; /* see enum ctrack_kind */
	__u32 reserved2;
};
CTRACK_STATIC_ASSERT(sizeof(struct ctrack_event) == 32, "ctrack_event");

struct ctrack_owner {
	__u64 start_boottime_ns; /* with pid, names a process for the life of a boot */
	__u32 pid;               /* thread group id in the first pid namespace; 0 = unknown */
	__u32 exec_id; /* counts exec(), goes on counting after fork(): with the two before, names
			  the program that the process ran then */
	char comm[16];   /* of the thread group leader */
	__u64 cgroup_id; /* where the process was when it became the owner, as in a summary */
};
CTRACK_STATIC_ASSERT(sizeof(struct ctrack_owner) == 40, "ctrack_owner");

/* The queue of a listener. */
struct ctrack_accept_queue {
	__u32 length;  /* connections that wait for accept() (sk_ack_backlog) */
	__u32 longest; /* the most that were seen waiting since the last walk; at least length */
	__u32 limit;   /* a SYN is dropped while more than these wait (sk_max_ack_backlog) */
	__u32 drops;   /* packets dropped by the listener, ever (sk_drops) */
};
CTRACK_STATIC_ASSERT(sizeof(struct ctrack_accept_queue) == 16, "ctrack_accept_queue");

struct ctrack_summary {
	struct ctrack_event event;
	__u8 local_address[16]; /* IPv4 as ::ffff:a.b.c.d */
	union {
		__u8 peer_address[16];
		struct ctrack_accept_queue accept_queue; /* of a listener, which has no peer */
	};
	__u16 local_port;
	__u16 peer_port;
	__u8 direction;    /* enum ctrack_direction */
	__u8 pid_source;   /* enum ctrack_pid_source */
	__u16 states_seen; /* bit N set: the connection entered TCP state N */
	struct ctrack_owner owner;
	__u64 cgroup_id;      /* where the socket was made: inode number of the cgroup2 directory */
	__u32 uid;            /* of the socket (sk_uid) */
	__u32 netns;          /* inode number of the network namespace */
	__u32 rtos;           /* retransmission timeouts */
	__u32 srtt_us;        /* smoothed RTT, over all ACKs; 0 = none */
	__u64 opened_ns;      /* 0 = that was before the recorder saw it */
	__u64 established_ns; /* 0 = never, or that was before the recorder saw it */
	__u64 bytes_sent;     /* payload, each byte once, by the sequence numbers */
	__u64 bytes_received; /* payload: FIN taken out */
	__u32 segs_sent;
	__u32 segs_received;
	__u32 retrans_segs; /* tp->total_retrans */
	__u32 rtt_samples;
	__u64 rtt_sum_us;
	__u32 rtt_min_us;
	__u32 rtt_max_us;
	__u32 rate_delivered;   /* segments delivered in rate_interval_us ... */
	__u32 rate_interval_us; /* ... at the last rate sample; 0 = none */
	__u32 mss;
	__u8 peer_fin; /* the peer's FIN has arrived (SOCK_DONE) */
	__u8 orphan;   /* no process holds the socket any more (SOCK_DEAD) */
	__u8 repair;   /* the socket is in repair mode (TCP_REPAIR) */
	__u8 untracked; /* nothing could be remembered of the socket: what follows from earlier
			   calls is 0, and generation is 1 */
	__u32 rtt_deviation_us;  /* mean deviation of the RTT, over all ACKs */
	__u32 kernel_rtt_min_us; /* over the ACKs of some minutes; 0xffffffff = none */
	char congestion[16]; /* name of the congestion control */
	char ulp[8]; /* begin of the name of the upper layer protocol; all 0 = none */
	__u32 ifindex;       /* interface to which the socket is bound; 0 = it is not */
	__u8 last_data;      /* enum ctrack_last_data */
	__u8 unacknowledged; /* the peer's host has not acknowledged all that was written */
	__u16 reserved;
	char interface[16];  /* name of that interface; empty if it is not bound, or it has gone */
	__u32 busy_ms;           /* data waited to be sent or acknowledged; includes the next two */
	__u32 rwnd_limited_ms;   /* ... and the peer's receive window had no room */
	__u32 sndbuf_limited_ms; /* ... and the send buffer was full, though more could be sent */
	__u32 sent_ago_ms;       /* since data was last sent, first or again; if any was */
	__u32 received_ago_ms;   /* since data last came; if any did */
	__u32 retrans_fast_segs; /* sent again as ACKs told of a loss; of those seen, like the next two */
	__u32 retrans_tlp_segs;  /* sent again as tail loss probes (RFC 8985) */
	__u32 retrans_timeout_segs;  /* sent again after a timeout */
	__u32 retrans_spurious_segs; /* the peer says that it had them already (tp->dsack_dups) */
	__u32 reserved2;
};
CTRACK_STATIC_ASSERT(sizeof(struct ctrack_summary) == 312, "ctrack_summary");

enum { CTRACK_ARGUMENTS_BYTES = 256 };

/* What a process tells of itself, because it may be gone before anybody can ask. */
struct ctrack_process {
	struct ctrack_event event; /* only kind and time_ns are set */
	struct ctrack_owner owner;
	__u64 parent_start_boottime_ns;
	__u64 stack_start; /* field 28 of /proc/PID/stat: each exec() gives another; 0 = not known */
	__u32 parent_pid;
	__u32 uid;             /* real user id */
	__u32 arguments_bytes; /* used bytes of arguments; what does not fit is cut off */
	__u32 is_fork;         /* it runs the same program as its parent, without an exec() */
	char arguments[CTRACK_ARGUMENTS_BYTES]; /* as in /proc/PID/cmdline: each ends in a 0 */
};
CTRACK_STATIC_ASSERT(sizeof(struct ctrack_process) == 360, "ctrack_process");

/* What connect() was called with, if a BPF program has put another address in its place. */
struct ctrack_requested {
	struct ctrack_event event;
	__u8 address[16]; /* IPv4 as ::ffff:a.b.c.d */
	__u16 port;
	__u16 reserved[3];
};
CTRACK_STATIC_ASSERT(sizeof(struct ctrack_requested) == 56, "ctrack_requested");

/* Where the rtt_us of a sample comes from. */
enum ctrack_rtt_source {
	CTRACK_RTT_MEASURED = 1, /* the callback's own argument (newer kernels) */
	CTRACK_RTT_RACK = 2,     /* rack.rtt_us: the newest RTT that RACK took (RFC 8985) */
};

struct ctrack_rtt {
	__u64 cookie;
	__u64 time_ns;
	__u32 generation;
	__u32 rtt_us;
	__u32 srtt_us; /* smoothed (RFC 6298); the value before this sample where source is RACK */
	__u8 state;
	__u8 source; /* enum ctrack_rtt_source */
	__u16 lap;   /* lap of its ring, counted from 1; written last, so the sample is complete */
};
CTRACK_STATIC_ASSERT(sizeof(struct ctrack_rtt) == 32, "ctrack_rtt");

/*
 * A ring of samples. Positions count samples since the start. A ring has 1 << shift places: the
 * last `shift` bits of a position are the place of its sample, and the bits above them its lap. The
 * program and the recorder write to different cache lines.
 */
struct ctrack_sample_ring {
	__u64 written; /* the position up to which the program has claimed places */
	__u64 woken_at; /* what `written` was when the recorder was last woken */
	__u64 reserved[6];
	__u64 read; /* the position up to which the recorder has read; places before it are free */
	__u64 reserved2[7];
} __attribute__((aligned(64)));
CTRACK_STATIC_ASSERT(sizeof(struct ctrack_sample_ring) == 128, "ctrack_sample_ring");

/* A placeholder for the number of the kernel's function that bpf/suspects.h calls. */
enum { CTRACK_CALL_AT_RETURN = 0x7fffffff };

/* Constants of the program, which the recorder sets before the program is loaded. */
struct ctrack_settings {
	__u64 rtt_min_gap_ns; /* at least this long between two samples of a connection */
	__u64 wakeup_bytes;   /* wake the recorder each time a ring has taken this much */
	__u64 cgroup_id;      /* record the sockets of this cgroup and those below */
	__u32 rtt_enabled;
	__u32 connect_errors;  /* programs of attempts.h or suspects.h are attached */
	__u32 lifecycle_rings; /* how many there are, a power of two */
	__u32 sample_rings;    /* how many there are, a power of two */
	__u32 sample_ring_shift; /* a sample ring holds 1 << this samples */
	__u32 slots; /* 0 = none, or a power of two; see bpf/slots.h */
	__u64 ms_per_jiffy; /* << 20: the length of a tick of the kernel's clock (CONFIG_HZ) */
};

#endif
