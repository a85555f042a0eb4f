// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/file_lock.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>

#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

namespace {

void make_folder_of(const std::filesystem::path& file) {
    std::error_code error;
    if (file.has_parent_path())
        std::filesystem::create_directories(file.parent_path(), error);
    if (error)
        throw Error(fmt::format("cannot make the folder {}: {}: name another file with --db",
                                file.parent_path().string(), error.message()));
}

} // namespace

FileLock::FileLock(const std::string& path) {
    make_folder_of(path);
    fd_ = FileDescriptor(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    if (!fd_.valid())
        throw Error(fmt::format("cannot write {}: {}: name another file with --db", path,
                                std::strerror(errno)));
    if (flock(fd_.get(), LOCK_EX | LOCK_NB) != 0)
        throw Error(fmt::format("{} is in use by another ctrack-recorder: stop it, or name another "
                                "file with --db",
                                path));
}

} // namespace ctrack
