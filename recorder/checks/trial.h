// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "recorder/checks/check.h"
#include "recorder/kernel/probe.h"

namespace ctrack {

/// What a trial wants to see, and whether it did.
struct Trial {
    bool opened = false;   ///< connect() and accept()
    bool closed = false;   ///< of both ends
    bool rtt = false;      ///< a sample
    bool measured = false; ///< the kernel gave its callback the round trip
};

/// It is pure. `in_cgroup`: whether the recorder itself is in the cgroup that it records.
Check check_trial(const Trial& trial, bool wants_rtt, bool in_cgroup);

/// Makes a connection of its own on 127.0.0.1 and looks whether the attached programs tell of it.
/// It takes their records out of the rings.
Check try_a_connection(Probe& probe, bool wants_rtt, bool in_cgroup);

} // namespace ctrack
