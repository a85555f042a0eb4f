// SPDX-License-Identifier: Apache-2.0
//
// Whether a file could be recorded into, found out without changing anything.
#pragma once

#include <cstdint>
#include <string>

#include "recorder/checks/check.h"

namespace ctrack {

/// The file itself if it is there, or else the folder in which it would be made.
Check check_file(const std::string& path);

/// The room on its disk, of which it may take so many bytes; 0 for all.
Check check_disk(const std::string& path, std::uint64_t max_bytes);

/// Whether the disk has room for a new file at the path, as far as that can be known.
bool has_room(const std::string& path);

} // namespace ctrack
