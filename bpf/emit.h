/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The way out: two rings, and a count by cause of all that did not fit.
 *
 * Lifecycle records have a ring of their own so that a flood of samples never
 * pushes out an end of a connection. A ring wakes the recorder only when another
 * settings.wakeup_bytes have been written (otherwise the recorder polls every 100 ms):
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

/* How much had been written when the recorder was woken last. */
__u64 lifecycle_woken_at;
__u64 samples_woken_at;

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

static __always_inline void submit(void *record)
{
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

/*
 * Besides, wake the recorder if another wakeup_bytes have been written. To ask has its
 * price too, so it is done for some records only: each summary, each 8th sample.
 */
static __always_inline void submit_and_wake(void *ring, void *record, __u64 *woken_at)
{
	__u64 position = bpf_ringbuf_query(ring, BPF_RB_PROD_POS);
	bool is_time = position - *woken_at >= settings.wakeup_bytes;

	if (is_time)
		*woken_at = position;
	bpf_ringbuf_submit(record, is_time ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

#endif
