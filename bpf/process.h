/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What a process says of itself while it is surely there: in its own connect() or
 * listen(). Each is told once, as far as a table of the newest ones remembers.
 */
#ifndef CTRACK_PROCESS_H
#define CTRACK_PROCESS_H

#include "emit.h"
#include "kernel_types.h"

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384); /* 16,384 x about 100 bytes = 1.6 MiB */
	__type(key, struct ctrack_owner);
	__type(value, __u8);
} told_processes SEC(".maps");

static __always_inline void fill_arguments(struct ctrack_process *p, struct mm_struct *mm)
{
	__u64 bytes = mm ? mm->arg_end - mm->arg_start : 0; /* none in a kernel thread */

	p->arguments_bytes = 0;
	if (bytes > sizeof(p->arguments))
		bytes = sizeof(p->arguments);
	if (bytes && bpf_probe_read_user(p->arguments, bytes, (void *)mm->arg_start) == 0)
		p->arguments_bytes = bytes;
}

/*
 * The current process, which has just been made the owner of a socket. Told through the
 * socket's ring, so that it comes before what the socket has to tell.
 */
static __noinline int tell_process(const struct ctrack_owner *owner, __u64 cookie, __u64 now)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 index = lifecycle_ring_of(cookie);
	struct ctrack_process *p;
	__u8 told = 1;
	void *ring;

	if (!owner || !owner->pid || bpf_map_lookup_elem(&told_processes, owner))
		return 0; /* no pid: a kernel thread */
	ring = lifecycle_ring(index);
	p = reserve(ring, sizeof(*p), CTRACK_LOSS_LIFECYCLE_RING);
	if (!p)
		return 0;
	__builtin_memset(&p->event, 0, sizeof(p->event));
	p->event.kind = CTRACK_PROCESS;
	p->event.time_ns = now;
	p->owner = *owner;
	p->parent_pid = task->group_leader->real_parent->tgid;
	p->uid = task->real_cred->uid.val;
	p->reserved = 0;
	fill_arguments(p, task->mm);
	submit(p);
	bpf_map_update_elem(&told_processes, owner, &told, BPF_ANY);
	return 0;
}

#endif
