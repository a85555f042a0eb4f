/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Slots are a cheaper home than the storage of a socket (tracked.h) for connections that begin
 * while the recorder runs. The storage takes two allocations for each end of a connection, which
 * would be the most expensive part of this program. What is known of a socket is either in its slot
 * or in its storage.
 *
 * The kernel does not tell when it frees a socket. So a slot is given back when the connection has
 * ended and no process holds the socket. If a process still holds it, the socket may connect again,
 * so what is known of it moves into its storage. A socket that finds its slot taken uses its
 * storage from the beginning.
 */
#ifndef CTRACK_SLOTS_H
#define CTRACK_SLOTS_H

#include <stddef.h>

#include "tracked.h"

struct slot {
	struct tracked tracked;      /* all 0 while the slot is free; generation 0: just taken */
	struct tcp_sock *tp;         /* the socket, which may have gone without our knowing */
} __attribute__((aligned(64))); /* CPUs at work on neighbouring slots do not hinder each other */

/* The recorder sets how many there are. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

/*
 * The only slot that a socket may have. The kernel counts cookies up, so sockets that share a slot
 * are a full round of slots apart.
 */
static __always_inline struct slot *slot_for(__u64 cookie)
{
	__u32 place = cookie & (settings.slots - 1);

	return settings.slots ? bpf_map_lookup_elem(&slots, &place) : 0;
}

/* The slot that this socket has; 0 if it has none. The cookie must not be 0. */
static __always_inline struct slot *slot_of(__u64 cookie)
{
	struct slot *slot = slot_for(cookie);

	return slot && slot->tracked.cookie == cookie ? slot : 0;
}

static __always_inline const struct cgroup *cgroup_of(const struct tcp_sock *tp)
{
	return tp->inet_conn.icsk_inet.sk.sk_cgrp_data.cgroup;
}

/* Takes the slot for a socket that has no storage; 0 if another socket has the slot. */
static __always_inline struct tracked *take_slot(struct tcp_sock *tp, __u64 cookie)
{
	struct slot *slot = slot_for(cookie);

	if (!slot || __sync_val_compare_and_swap(&slot->tracked.cookie, 0, cookie) != 0)
		return 0;
	slot->tp = tp;
	return &slot->tracked;
}

/* This is never a cookie: the kernel counts cookies up from 0 and down from 2^64. */
#define BEING_CLEARED (1ULL << 63)

/* Gives the slot back, if it is still that of the socket with this cookie. */
static __always_inline void give_back(struct slot *slot, __u64 cookie)
{
	if (__sync_val_compare_and_swap(&slot->tracked.cookie, cookie, BEING_CLEARED) != cookie)
		return;
	__builtin_memset(&slot->tracked.opened_ns, 0,
			 sizeof(*slot) - offsetof(struct slot, tracked.opened_ns));
	__sync_lock_test_and_set(&slot->tracked.cookie, 0); /* now it is free */
}

/*
 * Gives the slot back when the connection or the listener has ended. If the socket may be used
 * again, what the slot holds moves to the storage of the socket.
 */
static __always_inline void leave_slot(struct tcp_sock *tp, const struct tracked *t)
{
	struct slot *slot = slot_of(t->cookie);
	struct tracked *storage;

	if (!slot)
		return;
	if (!is_orphan(tp)) {
		storage = bpf_sk_storage_get(&sockets, tp, 0, BPF_SK_STORAGE_GET_F_CREATE);
		if (!storage)
			return;
		*storage = *t;
	}
	give_back(slot, t->cookie);
}

struct port {
	__u64 listener;              /* its cookie */
	const struct cgroup *cgroup; /* where its socket was made; connections inherit it */
};

/*
 * The listeners in slots, by port. Only one listener on a port may have a slot. The
 * others, in other namespaces or with SO_REUSEPORT, have a storage, which their connections
 * inherit. So a connection that inherits none comes from the listener in the slot, unless it was
 * diverted to a listener on another port (TPROXY, sk_lookup). Therefore listener_of() compares the
 * cgroups too.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 65536); /* x 16 bytes = 1 MiB */
	__type(key, __u32);
	__type(value, struct port);
} listeners SEC(".maps");

static __always_inline struct port *port_of(const struct tcp_sock *tp)
{
	__u32 port = tp->inet_conn.icsk_inet.inet_sport;

	return bpf_map_lookup_elem(&listeners, &port);
}

/* Takes the socket's port, which is free if its last listener has no slot any more. */
static __always_inline bool take_port(const struct tcp_sock *tp, __u64 cookie)
{
	struct port *port = port_of(tp);
	__u64 before = port ? port->listener : 0;

	if (!port || (before && slot_of(before)) ||
	    __sync_val_compare_and_swap(&port->listener, before, cookie) != before)
		return false;
	port->cgroup = cgroup_of(tp);
	return true;
}

/*
 * Takes a slot for a listener if its port is free. It takes the slot first, because a port whose
 * listener has no slot counts as free, so two listeners that begin at once could both take the
 * port.
 */
static __always_inline struct tracked *take_slot_and_port(struct tcp_sock *tp, __u64 cookie)
{
	struct tracked *t = take_slot(tp, cookie);
	struct slot *slot = slot_for(cookie);

	if (!t || !slot || take_port(tp, cookie))
		return t;
	give_back(slot, cookie);
	return 0;
}

/* The listener from which a socket without a storage was accepted; 0 if it is not known. */
static __always_inline struct slot *listener_of(const struct tcp_sock *tp)
{
	struct port *port = port_of(tp);
	struct slot *slot = port && port->listener ? slot_of(port->listener) : 0;

	return slot && port->cgroup == cgroup_of(tp) ? slot : 0;
}

/*
 * Notes how many connections wait for accept(), when one has just been put into the queue. A queue
 * grows in no other way, so the longest one is exact. The helper reads the listener, because it may
 * be gone. An accepted socket that has a storage may be of a listener that is in no slot.
 */
static __always_inline void note_queue(const struct tcp_sock *accepted, __u64 cookie)
{
	struct slot *listener = slot_of(cookie) ? listener_of(accepted) : 0;
	const struct tcp_sock *tp;
	__u32 length;

	if (!listener)
		return;
	tp = listener->tp;
	length = BPF_CORE_READ(tp, inet_conn.icsk_inet.sk.sk_ack_backlog);
	if (length > listener->tracked.longest_queue)
		listener->tracked.longest_queue = length;
}

/* The place for what is known of a new socket: a slot or, if it can have none, its storage. */
static __always_inline struct tracked *home_of(struct bpf_sock_ops *skops, struct tcp_sock *tp,
					       __u64 cookie)
{
	struct tracked *t = 0;

	if (settings.slots && !bpf_sk_storage_get(&sockets, tp, 0, 0))
		t = skops->op == BPF_SOCK_OPS_TCP_LISTEN_CB ? take_slot_and_port(tp, cookie)
							    : take_slot(tp, cookie);
	return t ? t : storage_of(tp);
}

static __always_inline bool is_being_accepted(const struct bpf_sock_ops *skops)
{
	return skops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB ||
	       skops->state == BPF_TCP_SYN_RECV;
}

/*
 * Begins to track a socket. Any callback may be its first, because callbacks stay switched on in
 * sockets that outlive a recorder.
 */
static __always_inline void meet(struct bpf_sock_ops *skops, struct tcp_sock *tp,
				 struct tracked *t, __u64 cookie, __u64 now)
{
	struct slot *listener = 0;
	bool is_clone = t->cookie != 0 && t->cookie != cookie;

	if (!is_clone && is_being_accepted(skops))
		listener = listener_of(tp);
	if (listener)
		inherit_owner(t, &listener->tracked);
	start_connection(t, cookie, 1);
	if (is_clone || listener)
		start_accepted(t, now);
}

/* What is known of the socket of a callback; 0 if there is no place for it. */
static __always_inline struct tracked *tracked_of(struct bpf_sock_ops *skops, struct tcp_sock *tp,
						  __u64 cookie, __u64 now)
{
	struct slot *slot = slot_of(cookie);
	struct tracked *t;

	if (slot)
		return &slot->tracked;
	t = home_of(skops, tp, cookie);
	if (t && (t->cookie != cookie || !t->generation))
		meet(skops, tp, t, cookie, now);
	return t;
}

/* What is known of a socket that an iterator meets. */
static __always_inline struct tracked *tracked_when_met(void *sk)
{
	__u64 cookie = bpf_get_socket_cookie(sk);
	struct slot *slot = slot_of(cookie);
	struct tracked *t;

	if (slot)
		return &slot->tracked;
	t = storage_of(sk);
	if (!t) {
		count_loss(CTRACK_LOSS_NO_STORAGE);
	} else if (!t->cookie) {
		start_connection(t, cookie, 1);
		t->silent = 1; /* until its callbacks are switched on, or one of them comes */
	}
	return t;
}

/* What is known of the socket; 0 if nothing is. */
static __always_inline struct tracked *tracked_if_known(struct tcp_sock *tp)
{
	__u64 cookie = cookie_in(tp);
	struct slot *slot = cookie ? slot_of(cookie) : 0;

	return slot ? &slot->tracked : bpf_sk_storage_get(&sockets, tp, 0, 0);
}

#endif
