/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Sends a record of a process while it surely exists: in its own connect(), listen() or accept(), or
 * when it closes what another process has accepted. Each process is sent once for each program that
 * it runs, as far as a table remembers.
 */
#ifndef CTRACK_PROCESS_H
#define CTRACK_PROCESS_H

#include "emit.h"
#include "kernel_types.h"
#include "time.h"
#include "tracked.h"

enum { SENT_PLACES = 16384 }; /* a power of two; x 40 bytes = 0.6 MiB */

/*
 * The processes that have been sent. The last bits of the pid give the place, which is cheaper than
 * a hash table. Two processes that share a place are sent again and again, which does no harm.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SENT_PLACES);
	__type(key, __u32);
	__type(value, struct ctrack_owner);
} sent_processes SEC(".maps");

static __always_inline struct ctrack_owner *sent_in_place_of(const struct ctrack_owner *owner)
{
	__u32 place = owner->pid & (SENT_PLACES - 1);

	return bpf_map_lookup_elem(&sent_processes, &place);
}

static __always_inline bool same_program(const struct ctrack_owner *a, const struct ctrack_owner *b)
{
	return a->start_boottime_ns == b->start_boottime_ns && a->pid == b->pid &&
	       a->exec_id == b->exec_id;
}

static __always_inline bool same_comm(const char *a, const char *b)
{
	const __u64 *x = (const void *)a;
	const __u64 *y = (const void *)b;

	return x[0] == y[0] && x[1] == y[1];
}

static __always_inline bool same_owner(const struct ctrack_owner *a, const struct ctrack_owner *b)
{
	return same_program(a, b) && same_comm(a->comm, b->comm);
}

static __always_inline void fill_arguments(struct ctrack_process *p, struct mm_struct *mm)
{
	__u64 bytes = mm ? mm->arg_end - mm->arg_start : 0; /* a kernel thread has none */

	p->arguments_bytes = 0;
	if (bytes > sizeof(p->arguments))
		bytes = sizeof(p->arguments);
	if (bytes && bpf_probe_read_user(p->arguments, bytes, (void *)mm->arg_start) == 0)
		p->arguments_bytes = bytes;
}

/*
 * Whether the process runs the program of its parent, from which it was forked. The file of the
 * program says so, because fork() shares it and exec() opens another. A process that closes its
 * sockets by exiting has no memory any more, and so no such file. Then the counters of exec() must
 * say it, and the parent must be the process that owned the socket before: another parent may have
 * taken in an orphan, which has the same counter only by chance.
 */
static __always_inline bool is_fork(struct task_struct *task, struct task_struct *parent,
				    const struct ctrack_owner *before)
{
	const struct mm_struct *mm = task->mm;
	const struct mm_struct *parent_mm = parent->mm;

	if (mm && parent_mm)
		return mm->exe_file == parent_mm->exe_file;
	return before && before->pid == (__u32)parent->tgid &&
	       before->start_boottime_ns == parent->start_boottime &&
	       before->exec_id == (__u32)parent->self_exec_id &&
	       task->self_exec_id == task->parent_exec_id &&
	       task->self_exec_id == parent->self_exec_id;
}

static __always_inline void fill_program(struct ctrack_process *p, struct task_struct *task,
					 const struct ctrack_owner *before)
{
	struct task_struct *parent = task->group_leader->real_parent->group_leader;
	struct mm_struct *mm = task->mm;

	p->parent_pid = parent->tgid;
	p->parent_start_boottime_ns = parent->start_boottime;
	p->is_fork = is_fork(task, parent, before);
	fill_arguments(p, mm);
	if (!mm && p->is_fork)
		mm = parent->mm;
	p->stack_start = mm ? mm->start_stack : 0;
}

static __always_inline void send_current_process(const struct ctrack_owner *owner,
						 const struct ctrack_owner *before, void *ring,
						 enum ctrack_kind kind)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct ctrack_process *p = reserve(ring, sizeof(*p));

	if (!p)
		return;
	__builtin_memset(&p->event, 0, sizeof(p->event));
	p->event.kind = kind;
	p->event.time_ns = current_time();
	p->owner = *owner;
	p->uid = task->real_cred->uid.val;
	fill_program(p, task, before);
	submit(p);
}

/*
 * Sends a record of the current process, which has just become the owner of the socket with this
 * cookie, unless it has been sent already. The owner before is 0 if there was none.
 */
static __always_inline void send_process(const struct ctrack_owner *owner,
					 const struct ctrack_owner *before, __u64 cookie)
{
	struct ctrack_owner *sent = sent_in_place_of(owner);

	if (!sent || same_owner(sent, owner))
		return;
	send_current_process(owner, before, lifecycle_ring(cookie), CTRACK_PROCESS);
	*sent = *owner;
}

/*
 * Makes the current process the owner, and sends a record of it. A kernel thread owns nothing. The
 * function is not static, so that the kernel verifies it once (docs/kernel.md, Loading).
 */
__noinline int own(struct tracked *t, __u32 source)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct ctrack_owner before;

	if (!t || task->flags & PF_KTHREAD)
		return 0;
	before = t->owner;
	own_by(t, task, source);
	if (!same_owner(&t->owner, &before))
		send_process(&t->owner, &before, t->cookie);
	return 0;
}

/*
 * Notes an owner that an iterator has found. The recorder reads its program from /proc, so it is
 * not sent; without its name it is no owner that was.
 */
static __always_inline void note_found(const struct ctrack_owner *owner)
{
	struct ctrack_owner *sent = sent_in_place_of(owner);

	if (!sent || same_program(sent, owner))
		return;
	*sent = *owner;
	sent->comm[0] = 0;
}

/*
 * Runs when a process has executed a program. A child that was forked for a connection may do so,
 * as those of inetd do, and may have no memory any more when it closes the connection. So the
 * children of owners are sent here. The recorder remembers them until they own something.
 */
SEC("tp_btf/sched_process_exec")
int ctrack_executed(__u64 *args)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct ctrack_owner parent = {};
	struct ctrack_owner owner = {};
	struct ctrack_owner *sent;

	(void)args;
	fill_owner(&parent, task->group_leader->real_parent);
	sent = sent_in_place_of(&parent);
	if (!sent || !same_program(sent, &parent))
		return 0;
	fill_owner(&owner, task);
	send_current_process(&owner, 0, lifecycle_ring((__u64)owner.pid << 12), CTRACK_EXECUTED);
	return 0;
}

#endif
