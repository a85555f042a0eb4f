// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/file_lock.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

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

// Whoever may write to the file can make the recorder, which is root, read what he likes and the
// reader tell it.
void require_own(const std::string& path, const struct stat& file) {
    std::string fault;
    if (!S_ISREG(file.st_mode))
        fault = "is no regular file";
    else if (file.st_uid != geteuid())
        fault = fmt::format("belongs to user {} and not to user {}, who records", file.st_uid,
                            geteuid());
    else if (file.st_mode & S_IWOTH)
        fault = "can be written by everybody";
    if (!fault.empty())
        throw Error(fmt::format("cannot record into {}: it {}: see chown(1) and chmod(1), or name "
                                "another file with --db",
                                path, fault));
}

// SQLite would take what stands in these for a part of the file.
void require_own_logs(const std::string& path) {
    for (const char* suffix : {"-journal", "-wal", "-shm"}) {
        struct stat file {};
        if (lstat((path + suffix).c_str(), &file) == 0)
            require_own(path + suffix, file);
    }
}

} // namespace

FileLock::FileLock(const std::string& path) {
    make_folder_of(path);
    fd_ = FileDescriptor(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    if (!fd_.valid())
        throw Error(fmt::format("cannot write {}: {}: name another file with --db", path,
                                std::strerror(errno)));
    struct stat file {};
    fstat(fd_.get(), &file);
    require_own(path, file);
    require_own_logs(path);
    if (flock(fd_.get(), LOCK_EX | LOCK_NB) != 0)
        throw Error(fmt::format("{} is in use by another ctrack-recorder: stop it, or name another "
                                "file with --db",
                                path));
}

} // namespace ctrack
