// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/network_namespaces.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "common/error.h"
#include "common/file_descriptor.h"

namespace ctrack {

namespace {

namespace fs = std::filesystem;

void add(NetworkNamespaces& namespaces, const fs::path& file) {
    struct stat status {};
    if (stat(file.c_str(), &status) == 0)
        namespaces[status.st_ino].push_back(file);
}

// The file may name another namespace by now, because pids and names are used again.
bool enter(std::uint64_t inode, const std::string& file) {
    const FileDescriptor fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (!fd.valid() || fstat(fd.get(), &status) != 0)
        return false;
    if (status.st_ino != inode) {
        errno = ESRCH;
        return false;
    }
    return setns(fd.get(), CLONE_NEWNET) == 0;
}

void return_to(const FileDescriptor& home) {
    if (setns(home.get(), CLONE_NEWNET) != 0)
        throw Error(
            fmt::format("cannot return to the own network namespace: {}", std::strerror(errno)));
}

// The number behind "inuse" in a line such as "TCP: inuse 5 orphan 0 tw 0 alloc 5 mem 0".
std::int64_t in_use(const char* file, const std::string& protocol) {
    std::ifstream words(file);
    std::string word;
    std::int64_t count = 0;
    while (words >> word)
        if (word == protocol)
            words >> word >> count;
    return count;
}

} // namespace

NetworkNamespaces find_network_namespaces() {
    NetworkNamespaces namespaces;
    std::error_code ignored;
    for (const auto& process : fs::directory_iterator("/proc", ignored))
        if (process.path().filename().string().find_first_not_of("0123456789") == std::string::npos)
            add(namespaces, process.path() / "ns/net");
    for (const auto& name : fs::directory_iterator("/run/netns", ignored))
        add(namespaces, name.path());
    return namespaces;
}

std::uint64_t network_namespace_of(const std::string& process) {
    struct stat status {};
    return stat((process + "/ns/net").c_str(), &status) == 0 ? status.st_ino : 0;
}

bool can_enter_network_namespaces() {
    const FileDescriptor own(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    return own.valid() && setns(own.get(), CLONE_NEWNET) == 0;
}

// Only a namespace that is not our own takes a privilege.
bool run_in_network_namespace(std::uint64_t inode, const std::vector<std::string>& files,
                              const std::function<void()>& function) {
    if (inode == network_namespace_of("/proc/thread-self")) {
        function();
        return true;
    }
    const FileDescriptor home(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!home.valid())
        return false;
    for (const std::string& file : files)
        if (enter(inode, file)) {
            function();
            return_to(home);
            return true;
        }
    return false;
}

std::int64_t count_tcp_sockets() {
    return in_use("/proc/thread-self/net/sockstat", "TCP:") +
           in_use("/proc/thread-self/net/sockstat6", "TCP6:");
}

} // namespace ctrack
