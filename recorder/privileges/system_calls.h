// SPDX-License-Identifier: Apache-2.0
//
// The system calls that the recorder makes once it records. Only this folder knows libseccomp.
#pragma once

namespace ctrack {

/// Lets no thread of this process make other system calls any more: those fail with ENOSYS, and the
/// kernel logs them. Returns false, and leaves all as it is, if the kernel has no such filters, or
/// if this was built with AddressSanitizer or ThreadSanitizer, which make calls of their own.
/// Throws Error.
bool filter_system_calls();

} // namespace ctrack
