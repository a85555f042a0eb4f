// SPDX-License-Identifier: Apache-2.0
//
// What of this host can be seen without loading a program.
#pragma once

#include <functional>
#include <string>

#include "recorder/checks/check.h"

namespace ctrack {

/// Looks at the kernel, its BTF, cgroup2, the recorder's capabilities and namespaces, and tries
/// whether it can read what it asks of other processes, cgroups and network namespaces. `cgroup` is
/// the directory to record, or empty for the root of cgroup2.
Checks check_host(const std::string& cgroup);

/// Throws Error if one of them fails.
void require(const Checks& checks);

/// The parts of which the file has less, separated by commas; empty if there is none.
std::string parts_with_less(const Checks& checks);

/// `has` tells whether the capability of that number is there.
Check check_capabilities(const std::function<bool(int)>& has);

/// What the file /sys/kernel/security/lockdown says. It is pure.
Check check_lockdown(const std::string& text);

} // namespace ctrack
