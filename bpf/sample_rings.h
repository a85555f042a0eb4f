/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * RTT samples leave the kernel through rings of our own, in an array that the recorder maps. Most
 * records are samples, and all samples have one size. So these rings do without the lock, the two
 * calls and the header that BPF's ring buffer needs for each record: half of the cost of a sample.
 * A call claims the next place and fills it; the recorder takes complete samples in the order of
 * their places.
 */
#ifndef CTRACK_SAMPLE_RINGS_H
#define CTRACK_SAMPLE_RINGS_H

#include "emit.h"

/* The places of all rings, one ring behind the other. The recorder sets how many there are. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ctrack_rtt);
} samples SEC(".maps");

struct ctrack_sample_ring sample_rings[CTRACK_MAX_RINGS];

enum { MAX_TRIES = 64, NO_ROOM = -1 };

/*
 * Claims the next position, which the caller must fill. If the ring is full or MAX_TRIES have
 * failed, it counts a loss and returns NO_ROOM. A try fails if another call, on this CPU or on one
 * that shares its ring, has just claimed the same position.
 */
static __always_inline __s64 claim(struct ctrack_sample_ring *ring)
{
	for (int i = 0; i < MAX_TRIES; i++) {
		__s64 next = *(volatile __u64 *)&ring->written;
		/* below 0 if next is outdated */
		__s64 waiting = next - *(volatile __u64 *)&ring->read;

		if (waiting >> settings.sample_ring_shift > 0)
			break;
		if (__sync_bool_compare_and_swap(&ring->written, next, next + 1))
			return next;
	}
	count_loss(CTRACK_LOSS_SAMPLE_RING);
	return NO_ROOM;
}

/*
 * Stores a word so that other CPUs see it after all stores before it. On x86 they see all stores in
 * order. An atomic operation guarantees that too, but waits until the memory of the place has come
 * from the recorder's CPU, which is a third of the program's time for a sample.
 */
static __always_inline void store_last(__u64 *to, __u64 word)
{
#ifdef __TARGET_ARCH_x86
	barrier();
	*(volatile __u64 *)to = word;
#else
	__sync_lock_test_and_set(to, word);
#endif
}

/* The last word contains the lap, which says that the sample is complete. */
static __always_inline void fill_place(struct ctrack_rtt *place, const struct ctrack_rtt *sample)
{
	__u64 *to = (void *)place;
	__u64 words[4];

	__builtin_memcpy(words, sample, sizeof(words));
	to[0] = words[0];
	to[1] = words[1];
	to[2] = words[2];
	store_last(&to[3], words[3]);
}

static __always_inline void wake_if_due(struct ctrack_sample_ring *ring, __s64 position)
{
	__s64 since = position - ring->woken_at; /* below 0 if another call has just done it */

	if (since * (__s64)sizeof(struct ctrack_rtt) < (__s64)settings.wakeup_bytes)
		return;
	ring->woken_at = position;
	wake();
}

static __always_inline void send_sample(struct ctrack_rtt *sample)
{
	__u32 index = bpf_get_smp_processor_id() & (settings.sample_rings - 1) &
		      (CTRACK_MAX_RINGS - 1);
	__u32 shift = settings.sample_ring_shift;
	__s64 position = claim(&sample_rings[index]);
	__u32 key = index << shift | (position & ((1 << shift) - 1));
	struct ctrack_rtt *place;

	if (position == NO_ROOM)
		return;
	place = bpf_map_lookup_elem(&samples, &key);
	if (!place) /* never happens; the verifier wants it */
		return;
	sample->lap = (position >> shift) + 1;
	fill_place(place, sample);
	wake_if_due(&sample_rings[index], position);
}

#endif
