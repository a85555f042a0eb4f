// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/tracefs.h"

#include <array>
#include <cstdlib>

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/file_descriptor.h"

namespace ctrack {

namespace {

// Makes a mount that has no place in the tree: it is reached by the descriptor alone, and goes when
// that is closed.
FileDescriptor mount_tracefs() {
    const FileDescriptor context(fsopen("tracefs", FSOPEN_CLOEXEC));
    if (!context.valid() || fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return FileDescriptor(-1);
    return FileDescriptor(fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY));
}

} // namespace

std::optional<std::uint64_t> find_tracepoint_id(const std::string& name) {
    const FileDescriptor root = mount_tracefs();
    const std::string path = "events/" + name + "/id";
    const FileDescriptor file(openat(root.get(), path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 32> text{};
    if (!file.valid() || read(file.get(), text.data(), text.size() - 1) <= 0)
        return std::nullopt;
    return std::strtoull(text.data(), nullptr, 10);
}

} // namespace ctrack
