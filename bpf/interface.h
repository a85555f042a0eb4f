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

#define INTERFACES_IN_ONE_PLACE 64 /* the kernel has 256 places in each namespace */

/* The interface of which this is the node in the kernel's table of interfaces by number. */
static __always_inline struct net_device *interface_at(struct hlist_node *node)
{
	return (void *)node - bpf_core_field_offset(struct net_device, index_hlist);
}

/* Leaves the name empty if there is no such interface any more. */
static __noinline int fill_interface_name(struct ctrack_summary *s, struct net *net)
{
	struct hlist_head *places;
	struct hlist_node *node;
	__u32 ifindex;

	if (!s || !net)
		return 0;
	ifindex = s->ifindex;
	places = BPF_CORE_READ(net, dev_index_head);
	places += ifindex & 255;
	node = BPF_CORE_READ(places, first);
	for (int i = 0; node && i < INTERFACES_IN_ONE_PLACE; i++, node = BPF_CORE_READ(node, next)) {
		struct net_device *device = interface_at(node);

		if (BPF_CORE_READ(device, ifindex) != ifindex)
			continue;
		bpf_probe_read_kernel_str(s->interface, sizeof(s->interface), &device->name);
		break;
	}
	return 0;
}

static __always_inline void fill_interface(struct ctrack_summary *s, __u32 ifindex, struct net *net)
{
	__u64 *name = (void *)s->interface;

	s->ifindex = ifindex;
	s->reserved = 0;
	name[0] = name[1] = 0;
	if (ifindex) /* few sockets are bound */
		fill_interface_name(s, net);
}

#endif
