// SPDX-License-Identifier: Apache-2.0
//
// The programs of others on the hook of TCP's callbacks. This file knows libbpf.
#pragma once

#include <string>
#include <vector>

#include "common/file_descriptor.h"

namespace ctrack {

/// The programs that run on this hook in the cgroup, those attached above it included, as "NAME (id
/// 7)", or "id 7" where the name may not be read. Empty also without the right to ask.
std::vector<std::string> programs_on_hook(const FileDescriptor& cgroup);

} // namespace ctrack
