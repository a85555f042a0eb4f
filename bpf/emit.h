/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The way out: two rings, and a count by cause of all that did not fit.
 *
 * Lifecycle records have a ring of their own so that a flood of samples never
 * pushes out an end of a connection. A ring wakes the recorder only when it
 * has filled by settings.wakeup_bytes (otherwise the recorder polls every 100 ms):
 * waking it for each record costs about 1.3 times the CPU per connection.
 */
#ifndef CTRACK_EMIT_H
#define CTRACK_EMIT_H

#include "ctrack_event.h"

const volatile struct ctrack_settings settings SEC(".rodata") = {};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
} lifecycle_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
} sample_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CTRACK_LOSS_CAUSES);
	__type(key, __u32);
	__type(value, __u64);
} losses SEC(".maps");

static __always_inline void count_loss(enum ctrack_loss cause)
{
	__u32 key = cause;
	__u64 *count = bpf_map_lookup_elem(&losses, &key);

	if (count)
		__sync_fetch_and_add(count, 1); /* a call may be interrupted by another */
}

/* Room for a record, or a counted loss. */
static __always_inline void *reserve(void *ring, __u64 size, enum ctrack_loss cause)
{
	void *record = bpf_ringbuf_reserve(ring, size, 0);

	if (!record)
		count_loss(cause);
	return record;
}

#define WAKEUP_WINDOW_BYTES 512 /* no record is longer, so one at least begins in it */

/* A wakeup is an interrupt of its own: only when another wakeup_bytes, a power of two, are full. */
static __always_inline bool is_time_to_wake(__u64 waiting)
{
	return waiting >= settings.wakeup_bytes &&
	       (waiting & (settings.wakeup_bytes - 1)) < WAKEUP_WINDOW_BYTES;
}

static __always_inline void submit(void *ring, void *record)
{
	__u64 waiting = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(record,
			   is_time_to_wake(waiting) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

#endif
