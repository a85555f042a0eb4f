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
#include "recorder/access/readers.h"
#include "recorder/access/trusted_way.h"

namespace ctrack {

namespace fs = std::filesystem;

namespace {

constexpr const char* mend = "see chown(1) and chmod(1), or name another file with --db";

// To change the owner of what is the service's would stop the service.
constexpr const char* mend_of_service =
    "there the service records, see systemctl status ctrack-recorder; name another file with --db";

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw Error(fmt::format("cannot record into {}: {}: {}", path, why,
                            is_of_service(path) ? mend_of_service : mend));
}

void make_folder(const fs::path& folder, std::optional<gid_t> readers) {
    std::error_code error;
    if (folder.empty() || fs::is_directory(folder, error))
        return;
    make_folder(folder.parent_path(), readers);
    fs::create_directory(folder, error);
    if (error)
        throw Error(fmt::format("cannot make the folder {}: {}: name another file with --db",
                                folder.string(), error.message()));
    if (readers)
        give_to_readers(folder, *readers);
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
        refuse(path, "it " + fault);
}

} // namespace

void require_trusted_way(const std::string& path) {
    if (const auto fault = fault_on_way_to(path); !fault.empty())
        refuse(path, fault);
}

// SQLite would take what stands in these for a part of the file.
void require_own_logs(const std::string& path) {
    for (const char* suffix : {"-journal", "-wal", "-shm"}) {
        struct stat file {};
        if (lstat((path + suffix).c_str(), &file) == 0)
            require_own(path + suffix, file);
    }
}

FileLock::FileLock(const std::string& path, std::optional<gid_t> readers) {
    require_trusted_way(path);
    make_folder(fs::path(path).parent_path(), readers);
    require_trusted_way(path); // somebody may have been faster in making a folder
    fd_ = FileDescriptor(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (!fd_.valid())
        throw Error(fmt::format("cannot write {}: {}: name another file with --db", path,
                                std::strerror(errno)));
    struct stat file {};
    fstat(fd_.get(), &file);
    require_own(path, file);
    require_own_logs(path);
    for (const char* suffix : {"", "-journal", "-wal", "-shm"})
        if (readers)
            give_to_readers(path + suffix, *readers);
    if (flock(fd_.get(), LOCK_EX | LOCK_NB) != 0)
        throw FileInUse(fmt::format("{} is in use by another ctrack-recorder: stop it, or name "
                                    "another file with --db",
                                    path));
}

} // namespace ctrack
