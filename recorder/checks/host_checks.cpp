// SPDX-License-Identifier: Apache-2.0
#include "recorder/checks/host_checks.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/error.h"
#include "recorder/host/cgroup.h"
#include "recorder/host/host.h"
#include "recorder/host/network_namespaces.h"
#include "recorder/privileges/capabilities.h"

namespace ctrack {

namespace {

namespace fs = std::filesystem;

// The inode numbers of the first namespaces are the same on all kernels (include/linux/proc_ns.h).
constexpr std::uint64_t first_user_namespace = 0xEFFFFFFD;
constexpr std::uint64_t first_pid_namespace = 0xEFFFFFFC;

std::string text_of(const char* path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

Check check_kernel() {
    utsname names{};
    uname(&names);
    return {"kernel", State::ok, fmt::format("{} {}", names.release, names.machine)};
}

Check check_btf() {
    constexpr const char* path = "/sys/kernel/btf/vmlinux";
    if (access(path, R_OK) == 0)
        return {"btf", State::ok, path};
    return {"btf", State::fails, fmt::format("cannot read {}: {}", path, std::strerror(errno)),
            "nothing can be recorded",
            "use a kernel built with CONFIG_DEBUG_INFO_BTF (Debian's and Ubuntu's are), and in a "
            "container leave /sys readable"};
}

// The root of the hierarchy has inode number 1; a container sees another directory as the root.
bool is_root(const std::string& directory) {
    struct stat status {};
    return stat(directory.c_str(), &status) == 0 && status.st_ino == 1;
}

// cgroup v1 has files of this kind in each of its groups, v2 in none.
bool has_cgroup_v1() {
    return text_of("/proc/self/mountinfo").find(" - cgroup ") != std::string::npos;
}

Check check_cgroup2(const std::string& asked_for) try {
    const auto root = find_cgroup2_root();
    if (asked_for.empty() && !root)
        return {"cgroup2", State::fails, "no cgroup2 is mounted", "nothing can be recorded",
                "mount -t cgroup2 none /sys/fs/cgroup, or name its directory with --cgroup"};
    const std::string directory = asked_for.empty() ? *root : asked_for;
    open_cgroup(directory);
    if (asked_for.empty() && !is_root(directory))
        return {"cgroup2", State::less, directory + " is a part of the host's hierarchy",
                "only connections of processes in this part are recorded",
                "run on the host, or show the host's /sys/fs/cgroup to the container"};
    return {"cgroup2", State::ok,
            directory + (has_cgroup_v1() ? ", beside cgroup v1, whose groups are not read" : "")};
} catch (const Error& e) {
    return {"cgroup2", State::fails, e.what(), "nothing can be recorded",
            "name a directory of cgroup2 with --cgroup"};
}

std::uint64_t namespace_number(const char* kind) {
    struct stat status {};
    stat(fmt::format("/proc/self/ns/{}", kind).c_str(), &status);
    return status.st_ino;
}

Check check_namespaces() {
    if (namespace_number("user") != first_user_namespace)
        return {"namespaces", State::fails, "this is not the first user namespace",
                "nothing can be recorded, because here no capability counts for BPF",
                "run on the host, with systemd without PrivateUsers="};
    if (has_other_clocks())
        return {"namespaces", State::fails,
                "the clocks of this time namespace are not those of the host, whose time the "
                "kernel records",
                "nothing can be recorded", "run on the host, as with nsenter -t 1 -T"};
    if (namespace_number("pid") != first_pid_namespace)
        return {"namespaces", State::less, "this is not the first pid namespace",
                "owners outside of it have no path of their program, and network namespaces "
                "that are theirs alone are not entered",
                "run in the host's pid namespace (hostPID: true, or --pid=host)"};
    return {"namespaces", State::ok, "those of the host"};
}

struct Readable {
    int asked = 0, refused = 0;
};

bool is_number(const std::string& name) {
    return name.find_first_not_of("0123456789") == std::string::npos;
}

// Asks processes what is asked of an owner. That of a kernel thread is not there, which is no
// refusal.
Readable ask_processes() {
    constexpr int enough = 1000;
    Readable processes;
    std::error_code ignored, error;
    for (const auto& entry : fs::directory_iterator("/proc", ignored))
        if (is_number(entry.path().filename()) && processes.asked < enough) {
            ++processes.asked;
            processes.refused += fs::read_symlink(entry.path() / "exe", error).empty() &&
                                 error == std::errc::permission_denied;
        }
    return processes;
}

// A few refuse it to everybody, as they have rights that the recorder has not.
Check check_processes() {
    const auto [asked, refused] = ask_processes();
    const bool sees_all = fs::exists("/proc/1");
    if (sees_all && refused <= asked / 10)
        return {"processes", State::ok, "can be read"};
    return {"processes", State::less,
            sees_all ? fmt::format("{} of {} may not be read", refused, asked)
                     : "/proc shows own processes alone",
            "owners have no path of their program; network namespaces that are theirs alone are "
            "not entered",
            "give CAP_SYS_PTRACE, and show all of /proc (ProtectProc=default)"};
}

Check check_network_namespaces() {
    if (can_enter_network_namespaces())
        return {"network namespaces", State::ok, "can be entered"};
    return {"network namespaces", State::less,
            fmt::format("cannot be entered: {}", std::strerror(errno)),
            "in other namespaces than the recorder's, connections older than the recording have "
            "no RTT",
            "give CAP_SYS_ADMIN, and allow setns() (RestrictNamespaces=)"};
}

bool was_sys_admin(int capability) { return capability == CAP_BPF || capability == CAP_PERFMON; }

} // namespace

// CAP_SYS_ADMIN stands for the two that were split off from it in Linux 5.8, and which some
// container engines cannot name. What the others are for, the checks say that try it.
Check check_capabilities(const std::function<bool(int)>& has) {
    std::string required, others;
    for (const auto& capability : capabilities())
        if (!has(capability.number) && !(was_sys_admin(capability.number) && has(CAP_SYS_ADMIN))) {
            std::string& names = capability.is_required ? required : others;
            names += (names.empty() ? "" : ", ") + std::string(capability.name);
        }
    if (!required.empty())
        return {"capabilities", State::fails, "no privilege: missing " + required,
                "nothing can be recorded", "run as root, or give the capabilities"};
    return {"capabilities", State::ok,
            others.empty() ? "all" : "all that must be; missing " + others};
}

// With confidentiality, the kernel refuses each program that may read its memory, as ours do.
Check check_lockdown(const std::string& text) {
    const auto begin = text.find('['), end = text.find(']');
    if (begin == std::string::npos || end == std::string::npos || end < begin)
        return {"lockdown", State::ok, "none"};
    const std::string level = text.substr(begin + 1, end - begin - 1);
    if (level != "confidentiality")
        return {"lockdown", State::ok, level};
    return {"lockdown", State::fails, "the kernel is locked down to " + level,
            "nothing can be recorded, because no program may read the kernel's memory",
            "boot with lockdown=integrity"};
}

Checks check_host(const std::string& cgroup) {
    return {check_kernel(),
            check_btf(),
            check_cgroup2(cgroup),
            check_namespaces(),
            check_capabilities(has_capability),
            check_lockdown(text_of("/sys/kernel/security/lockdown")),
            check_processes(),
            check_network_namespaces()};
}

void require(const Checks& checks) {
    for (const auto& check : checks)
        if (check.state == State::fails)
            throw Error(fmt::format("cannot record: {}: {}; ctrack-recorder --check tells more",
                                    check.found, check.mend));
}

std::string parts_with_less(const Checks& checks) {
    std::string parts;
    for (const auto& check : checks)
        if (check.state == State::less)
            parts += (parts.empty() ? "" : ", ") + check.part;
    return parts;
}

} // namespace ctrack
