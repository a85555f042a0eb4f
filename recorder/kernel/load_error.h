// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ctrack {

/// Throws Error, which says why the kernel refuses a program or a map, and what to try.
[[noreturn]] void throw_load_error(int error);

} // namespace ctrack
