// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/host.h"

#include <fstream>

#include <sys/utsname.h>

namespace ctrack {

namespace {

std::string first_line(const char* path) {
    std::string line;
    std::ifstream file(path);
    std::getline(file, line);
    return line;
}

} // namespace

Host read_host() {
    utsname names{};
    uname(&names);
    return {first_line("/etc/machine-id"), names.nodename,
            first_line("/proc/sys/kernel/random/boot_id"), names.release};
}

} // namespace ctrack
