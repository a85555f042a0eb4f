// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/network_namespaces.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "common/error.h"
#include "common/file_descriptor.h"

namespace ctrack {

namespace {

namespace fs = std::filesystem;

using Namespaces = std::map<ino_t, FileDescriptor>; // by inode, so that each is there once

void add(Namespaces& namespaces, const fs::path& path) {
    FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (fd.valid() && fstat(fd.get(), &status) == 0)
        namespaces.try_emplace(status.st_ino, std::move(fd));
}

Namespaces all_namespaces() {
    Namespaces namespaces;
    std::error_code ignored;
    for (const auto& process : fs::directory_iterator("/proc", ignored))
        if (process.path().filename().string().find_first_not_of("0123456789") == std::string::npos)
            add(namespaces, process.path() / "ns/net");
    for (const auto& name : fs::directory_iterator("/run/netns", ignored))
        add(namespaces, name.path());
    return namespaces;
}

} // namespace

void for_each_network_namespace(const std::function<void()>& function) {
    const FileDescriptor home(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    for (const auto& [inode, fd] : all_namespaces())
        if (setns(fd.get(), CLONE_NEWNET) == 0)
            function();
    if (setns(home.get(), CLONE_NEWNET) != 0)
        throw Error(
            fmt::format("cannot return to the own network namespace: {}", std::strerror(errno)));
}

} // namespace ctrack
