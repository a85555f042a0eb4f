// SPDX-License-Identifier: Apache-2.0
//
// What is fixed of a ctrack file. This needs no SQLite.
#pragma once

#include <cstdint>

namespace ctrack::schema {

/// The file that the recorder writes and the reader reads where the user names none.
inline constexpr auto default_file = "/var/lib/ctrack/ctrack.db";

/// The page size of new files; an existing file keeps its own. With larger pages the kernel is
/// called less often for the same bytes, but more bytes are written for a row that changes.
inline constexpr std::int64_t page_bytes = 8192;

} // namespace ctrack::schema
