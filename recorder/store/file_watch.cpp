// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/file_watch.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <sys/stat.h>

#include <fmt/format.h>

namespace ctrack {

namespace {

// The name that the file has now, if it has one.
std::string name_of(int fd) {
    std::error_code error;
    return std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd), error).string();
}

[[noreturn]] void tell(const std::string& path, int fd, const struct stat& file, bool is_replaced) {
    const bool is_deleted = file.st_nlink == 0;
    const std::string moved_to = is_deleted ? "" : name_of(fd);
    throw LostFile(is_replaced  ? fmt::format("{} was replaced by another file", path)
                   : is_deleted ? fmt::format("{} was deleted", path)
                                : fmt::format("{} was moved to {}", path, moved_to),
                   is_deleted, moved_to);
}

} // namespace

// Without its name, what is written to the log would be lost with the recorder; and with another
// -shm than ours, another program and we would not see each other.
void FileWatch::look_at_logs() {
    for (const std::size_t i : {0, 1}) {
        const std::string path = path_ + (i == 0 ? "-wal" : "-shm");
        struct stat log {};
        if (stat(path.c_str(), &log) != 0 && errno != ENOENT)
            continue;
        if (logs_[i] == 0)
            logs_[i] = log.st_ino;
        if (log.st_ino != logs_[i])
            throw LostFile(fmt::format("{} was deleted", path), false);
    }
}

void FileWatch::look(std::int64_t content_bytes) {
    struct stat file {
    }, named{};
    const bool has_name = stat(path_.c_str(), &named) == 0;
    if ((!has_name && errno != ENOENT && errno != ENOTDIR) || fstat(fd_, &file) != 0)
        return;
    if (!has_name || named.st_ino != file.st_ino || named.st_dev != file.st_dev)
        tell(path_, fd_, file, has_name);
    look_at_logs();
    least_bytes_ = std::min(least_bytes_, content_bytes);
    if (file.st_size < least_bytes_)
        throw LostFile(
            fmt::format("{} was cut short from {} bytes to {}", path_, least_bytes_, file.st_size),
            true);
    least_bytes_ = std::max(least_bytes_, std::min<std::int64_t>(file.st_size, content_bytes));
}

} // namespace ctrack
