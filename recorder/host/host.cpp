// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/host.h"

#include <filesystem>
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

std::string namespace_of(const char* kind) {
    std::error_code error;
    return std::filesystem::read_symlink(std::string("/proc/self/ns/") + kind, error);
}

} // namespace

// timens_offsets tells the offsets of the namespace that our children will be in, which may be
// another one than ours.
bool has_other_clocks() {
    if (namespace_of("time") != namespace_of("time_for_children"))
        return false;
    std::ifstream offsets("/proc/self/timens_offsets"); // is missing before Linux 5.6
    std::string clock;
    for (long long seconds = 0, nanoseconds = 0; offsets >> clock >> seconds >> nanoseconds;)
        if (seconds != 0 || nanoseconds != 0)
            return true;
    return false;
}

Host read_host() {
    utsname names{};
    uname(&names);
    return {first_line("/etc/machine-id"), names.nodename,
            first_line("/proc/sys/kernel/random/boot_id"), names.release};
}

} // namespace ctrack
