// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schema/error.h"

namespace ctrack {

[[noreturn]] inline void throw_no_privilege() {
    throw Error("cannot load the kernel program: no privilege: run as root (needs CAP_BPF, "
                "CAP_PERFMON, CAP_NET_ADMIN and CAP_SYS_ADMIN)");
}

} // namespace ctrack
