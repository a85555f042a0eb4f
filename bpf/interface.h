/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Finds the name of the network interface to which a socket is bound: by SO_BINDTODEVICE, by the
 * scope of a link-local address, or by a VRF. Its number alone would say little once the interface
 * or its namespace has gone.
 */
#ifndef CTRACK_INTERFACE_H
#define CTRACK_INTERFACE_H

#include <bpf/bpf_core_read.h>

#include "ctrack_event.h"
#include "kernel_types.h"

#define INTERFACES_IN_ONE_PLACE 1024 /* the kernel has 256 places in each namespace */

struct interface_search {
	__u32 ifindex;
	struct hlist_node *node; /* where the search is */
	struct net_device *found;
};

/* The interface of which this is the node in the kernel's table of interfaces by number. */
static __always_inline struct net_device *interface_at(struct hlist_node *node)
{
	return (void *)node - bpf_core_field_offset(struct net_device, index_hlist);
}

/* Ends the search by returning 1. */
static long look_at_node(__u32 nodes, struct interface_search *search)
{
	struct hlist_node *node = search->node;
	struct net_device *device = interface_at(node);

	(void)nodes;
	if (node && (__u32)BPF_CORE_READ(device, ifindex) == search->ifindex)
		search->found = device;
	if (!node || search->found)
		return 1;
	search->node = BPF_CORE_READ(node, next);
	return 0;
}

/*
 * Leaves the name empty if there is no such interface any more. The function is not static, so that
 * the kernel verifies it once (docs/kernel.md, Loading).
 */
__noinline int fill_interface_name(struct ctrack_summary *s, __u64 net)
{
	struct interface_search search = {};
	struct hlist_head *place;

	if (!s)
		return 0;
	search.ifindex = s->ifindex;
	place = BPF_CORE_READ((struct net *)net, dev_index_head);
	place += search.ifindex & 255;
	search.node = BPF_CORE_READ(place, first);
	bpf_loop(INTERFACES_IN_ONE_PLACE, look_at_node, &search, 0);
	if (search.found)
		bpf_probe_read_kernel_str(s->interface, sizeof(s->interface), &search.found->name);
	return 0;
}

/* The socket may be one that only bpf_probe_read_kernel() can read. */
static __always_inline void fill_interface(struct ctrack_summary *s, __u32 ifindex,
					   const struct sock *sk)
{
	__u64 *name = (void *)s->interface;

	s->ifindex = ifindex;
	s->reserved = 0;
	name[0] = name[1] = 0;
	if (ifindex) /* few sockets are bound */
		fill_interface_name(s, (__u64)BPF_CORE_READ(sk, __sk_common.skc_net.net));
}

#endif
