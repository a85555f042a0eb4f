// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ctrack::schema {

/// Of new files; the others keep theirs. The larger, the fewer calls of the kernel for each
/// byte, but the more bytes for a row that changes.
inline constexpr std::int64_t page_bytes = 8192;

} // namespace ctrack::schema
