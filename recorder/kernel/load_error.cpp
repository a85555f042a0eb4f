// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/load_error.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <sys/utsname.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

namespace {

std::string kernel_release() {
    utsname names{};
    uname(&names);
    return names.release;
}

} // namespace

void throw_load_error(int error) {
    if (error == EPERM) // a lack of privilege; EACCES would be a program that the verifier refuses
        throw Error("cannot load the kernel program: no privilege: run as root (needs CAP_BPF, "
                    "CAP_PERFMON, CAP_NET_ADMIN and CAP_SYS_ADMIN)");
    if (error == ENOMEM)
        throw Error(
            "cannot load the kernel program: not enough memory for its rings: try a smaller "
            "--ring-size");
    if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        throw Error(fmt::format("cannot load the kernel program: kernel {} has no "
                                "/sys/kernel/btf/vmlinux: use one built with "
                                "CONFIG_DEBUG_INFO_BTF (Debian's and Ubuntu's are)",
                                kernel_release()));
    throw Error(fmt::format("cannot load the kernel program on kernel {}: {}: needs Linux 5.15 or "
                            "newer; -v shows the kernel's reason",
                            kernel_release(), std::strerror(error)));
}

} // namespace ctrack
