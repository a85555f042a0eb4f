// SPDX-License-Identifier: Apache-2.0
//
// What is known of a connection, and what a record adds to it. Pure.
#pragma once

#include "bpf/ctrack_event.h"

namespace ctrack {

/// Samples and summaries travel in different rings: one taken before the newest
/// summary is counted in that.
void add_sample(ctrack_summary& summary, const ctrack_rtt& sample);

/// Read from a ring, where a walk has overtaken it. A close is the last word all the same.
bool is_outdated(const ctrack_summary& summary, const ctrack_summary& known);

/// Samples are read before the lifecycle rings, so some may be younger than a summary
/// that comes after them. Only a close counts them all. And the kernel does not know the
/// direction that was inferred.
void take_summary(ctrack_summary& known, const ctrack_summary& summary);

bool same_counters(const ctrack_summary& a, const ctrack_summary& b);

} // namespace ctrack
