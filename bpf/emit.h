/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Records leave the kernel through rings. A record that does not fit is counted as lost.
 *
 * RTT samples have rings of their own (sample_rings.h), so that a flood of samples never pushes
 * out the end of a connection. There are several rings of each kind, because CPUs that write to
 * the same ring hinder each other, which costs more than all else that a record takes. A ring
 * wakes the recorder only when another settings.wakeup_bytes have been written, and otherwise the
 * recorder looks every 100 ms: to wake it for each record takes about 1.3 times the CPU per
 * connection.
 */
#ifndef CTRACK_EMIT_H
#define CTRACK_EMIT_H

#include "ctrack_event.h"

const volatile struct ctrack_settings settings SEC(".rodata") = {};

/* The recorder makes the rings and puts them in here. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, CTRACK_MAX_RINGS);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_RINGBUF);
		__uint(max_entries, 4096);
	});
} lifecycle_rings SEC(".maps");

/* How much had been written to each ring when the recorder was woken last. */
__u64 lifecycle_woken_at[CTRACK_MAX_RINGS];

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CTRACK_LOSS_CAUSES);
	__type(key, __u32);
	__type(value, __u64);
} losses SEC(".maps");

/*
 * The ring for the records of a socket. The kernel gives each CPU 4096 cookies at a time. So CPUs
 * that make connections write to different rings, and a CPU that makes all connections of the host
 * goes round all rings.
 */
static __always_inline __u32 lifecycle_ring_of(__u64 cookie)
{
	return (cookie >> 12) & (settings.lifecycle_rings - 1) & (CTRACK_MAX_RINGS - 1);
}

static __always_inline void *lifecycle_ring(__u64 cookie)
{
	__u32 index = lifecycle_ring_of(cookie);

	return bpf_map_lookup_elem(&lifecycle_rings, &index);
}

static __always_inline void count_loss(enum ctrack_loss cause)
{
	__u32 key = cause;
	__u64 *count = bpf_map_lookup_elem(&losses, &key);

	if (count)
		__sync_fetch_and_add(count, 1); /* a call may interrupt another one */
}

/* Room for a record; 0 if the ring is full, which is counted as a loss. */
static __always_inline void *reserve(void *ring, __u64 size)
{
	void *record = ring ? bpf_ringbuf_reserve(ring, size, 0) : 0;

	if (!record)
		count_loss(CTRACK_LOSS_LIFECYCLE_RING);
	return record;
}

/* Hands the record over without waking the recorder. */
static __always_inline void submit(void *record)
{
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

/*
 * Hands the record over, and wakes the recorder if another wakeup_bytes have been written. To ask
 * how much has been written takes time too, so this is done for summaries only.
 */
static __always_inline void submit_and_wake(void *ring, void *record, __u64 *woken_at)
{
	__u64 position = bpf_ringbuf_query(ring, BPF_RB_PROD_POS);
	bool is_time = position - *woken_at >= settings.wakeup_bytes;

	if (is_time)
		*woken_at = position;
	bpf_ringbuf_submit(record, is_time ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

/*
 * Wakes the recorder by a record that is discarded at once. If the ring is full and has no room for
 * that record, the recorder is at work anyway.
 */
static __always_inline void wake(void)
{
	__u32 first = 0;
	void *ring = bpf_map_lookup_elem(&lifecycle_rings, &first);
	void *nothing = ring ? bpf_ringbuf_reserve(ring, sizeof(__u64), 0) : 0;

	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

#endif
