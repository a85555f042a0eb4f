/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * A cheaper home than the socket's storage for connections that begin with our seeing
 * connect(): two allocations and their release, the dearest part of all we do, are
 * spared. What is known of a socket is either in its slot or in its storage.
 *
 * The kernel does not tell when a socket goes, so a slot is given back when the connection
 * has ended and no process holds the socket. Where one does, it may connect again: all
 * moves into its storage. Where there is no slot to be had, it has been there from the
 * beginning.
 */
#ifndef CTRACK_SLOTS_H
#define CTRACK_SLOTS_H

#include <stddef.h>

#include "tracked.h"

struct slot {
	struct tracked tracked; /* all 0 while nobody has it */
	struct tcp_sock *tp;    /* whose it is; perhaps gone, and to be read as such */
} __attribute__((aligned(64))); /* CPUs at work on neighbours do not hinder each other */

/* As many as the settings say. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

/* The kernel counts cookies up: who shares this place is older or younger by a full round. */
static __always_inline struct slot *slot_for(__u64 cookie)
{
	__u32 place = cookie & (settings.slots - 1);

	return settings.slots ? bpf_map_lookup_elem(&slots, &place) : 0;
}

static __always_inline struct tracked *in_slot(__u64 cookie)
{
	struct slot *slot = slot_for(cookie);

	return slot && slot->tracked.cookie == cookie ? &slot->tracked : 0;
}

/* For a socket that has no storage; 0 if its slot is taken. */
static __always_inline struct tracked *take_slot(struct tcp_sock *tp, __u64 cookie)
{
	struct slot *slot = slot_for(cookie);

	if (!slot || bpf_sk_storage_get(&sockets, tp, 0, 0))
		return 0;
	if (__sync_val_compare_and_swap(&slot->tracked.cookie, 0, cookie) != 0)
		return 0;
	slot->tracked.generation = 1;
	slot->tp = tp;
	return &slot->tracked;
}

static __always_inline void give_back(struct slot *slot)
{
	__builtin_memset(&slot->tracked.opened_ns, 0,
			 sizeof(*slot) - offsetof(struct slot, tracked.opened_ns));
	__sync_lock_test_and_set(&slot->tracked.cookie, 0); /* last of all: now it is free */
}

/* The connection has ended. */
static __always_inline void leave_slot(struct tcp_sock *tp, const struct tracked *t)
{
	struct slot *slot = slot_for(t->cookie);
	struct tracked *storage;

	if (!slot || slot->tracked.cookie != t->cookie)
		return;
	if (!((tp->inet_conn.icsk_inet.sk.__sk_common.skc_flags >> SOCK_DEAD_BIT) & 1)) {
		storage = storage_of(tp);
		if (!storage)
			return;
		*storage = *t;
	}
	give_back(slot);
}

/*
 * What is known of this socket, or a place for it: callbacks stay switched on in sockets
 * that outlive a recorder, so any of them can come first.
 */
static __always_inline struct tracked *tracked_of(struct bpf_sock_ops *skops, struct tcp_sock *tp,
						  __u64 cookie, __u64 now)
{
	struct tracked *t = in_slot(cookie);

	if (!t && skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		t = take_slot(tp, cookie);
	return t ? t : in_storage(tp, cookie, now);
}

/* The same for a socket that an iterator meets. */
static __always_inline struct tracked *tracked_when_met(void *sk)
{
	__u64 cookie = bpf_get_socket_cookie(sk);
	struct tracked *t = in_slot(cookie);

	if (t)
		return t;
	t = storage_of(sk);
	if (t && !t->cookie)
		start_connection(t, cookie, 1);
	return t;
}

#endif
