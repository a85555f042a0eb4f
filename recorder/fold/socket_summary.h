// SPDX-License-Identifier: Apache-2.0
//
// The counters that the kernel tells of a socket, and what a record adds to them. It is pure.
#pragma once

#include "bpf/ctrack_event.h"

namespace ctrack {

/// Adds a sample to the summary, unless the sample is older than the summary and therefore already
/// counted in it. They come through different rings, so either may be read first.
void add_sample(ctrack_summary& summary, const ctrack_rtt& sample);

/// True if a walk has already brought a newer summary than this one from a ring. A close is never
/// outdated.
bool is_outdated(const ctrack_summary& summary, const ctrack_summary& known);

/// Replaces the known summary by a newer one. RTT numbers that count more samples are kept: samples
/// are read first, so some may be younger than the summary. Only a close counts all samples. An
/// inferred direction is kept too, because the kernel does not know it, and the name
/// of an interface that has gone. Of an untracked socket all
/// is kept that only earlier calls have told (bpf/untracked.h).
void take_summary(ctrack_summary& known, const ctrack_summary& summary);

/// Whether nothing has happened between two summaries.
bool same_counters(const ctrack_summary& a, const ctrack_summary& b);

} // namespace ctrack
