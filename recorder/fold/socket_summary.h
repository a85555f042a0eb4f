// SPDX-License-Identifier: Apache-2.0
//
// The counters that the kernel tells of a socket, and what a record adds to them. It is pure.
#pragma once

#include "bpf/ctrack_event.h"

namespace ctrack {

/// Adds a sample to the summary, unless the summary counts it already: samples and summaries come
/// by different rings, so a sample may be read after a younger summary.
void add_sample(ctrack_summary& summary, const ctrack_rtt& sample);

/// True if a summary is older than the known one. That happens when a walk has met the connection
/// while the summary waited in a ring. A close is never outdated, because it is the last word.
bool is_outdated(const ctrack_summary& summary, const ctrack_summary& known);

/// Replaces the known summary by a newer one. It keeps the known RTT numbers if they count more
/// samples: samples are read before the lifecycle rings, so some may be younger than a summary that
/// is read after them. Only a close counts them all. It also keeps a direction that was inferred
/// and that the kernel does not know.
void take_summary(ctrack_summary& known, const ctrack_summary& summary);

/// Whether nothing has happened between two summaries.
bool same_counters(const ctrack_summary& a, const ctrack_summary& b);

} // namespace ctrack
