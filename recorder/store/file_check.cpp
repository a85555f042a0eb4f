// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/file_check.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/error.h"
#include "recorder/access/readers.h"
#include "recorder/store/file_lock.h"
#include "schema/schema.h"

namespace ctrack {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t least_room = 1 * mib; // an empty file and its log take half of that

// The path itself, or the first folder above it that exists.
fs::path existing_part_of(const std::string& path) {
    std::error_code error;
    fs::path part = fs::absolute(path, error);
    while (!fs::exists(part, error) && part.has_relative_path())
        part = part.parent_path();
    return part;
}

Check check_existing(const std::string& path) try {
    const FileLock lock(path);
    if (fs::file_size(path) > 0)
        schema::open_for_reading(path);
    return {"file", State::ok, path + " goes on"};
} catch (const FileInUse&) {
    return {"file", State::less, path + " is in use by another ctrack-recorder",
            "a second recorder cannot write it", "stop that one, or name another file with --db"};
} catch (const DamagedFile& e) {
    return {"file", State::less, e.what(),
            "what it holds stays in a file of another name, and a new file is begun",
            "none needed"};
}

// Whether the service can record is for the service to try: systemd starts it with other rights.
Check check_of_service(const std::string& path) {
    return {"file", State::less, path + " is the service's, which runs as the user ctrack",
            "a recorder of another user cannot write it",
            "leave it to the service (systemctl start ctrack-recorder), or name another file with "
            "--db"};
}

std::optional<std::uint64_t> room_at(const std::string& path) {
    struct statvfs disk {};
    if (statvfs(existing_part_of(path).c_str(), &disk) != 0)
        return std::nullopt;
    return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

} // namespace

bool has_room(const std::string& path) { return room_at(path).value_or(least_room) >= least_room; }

Check check_file(const std::string& path) try {
    if (is_of_service(path))
        return check_of_service(path);
    require_trusted_way(path);
    const fs::path part = existing_part_of(path);
    std::error_code ignored;
    if (fs::equivalent(part, path, ignored))
        return check_existing(path);
    if (faccessat(AT_FDCWD, part.c_str(), W_OK | X_OK, AT_EACCESS) == 0 && fs::is_directory(part))
        return {"file", State::ok, fmt::format("{} can be made in {}", path, part.string())};
    return {"file", State::fails,
            fmt::format("{} cannot be made in {}: {}", path, part.string(),
                        fs::is_directory(part) ? std::strerror(errno) : "it is no folder"),
            "nothing can be recorded", "name another file with --db"};
} catch (const Error& e) {
    return {"file", State::fails, e.what(), "nothing can be recorded"};
}

Check check_disk(const std::string& path, std::uint64_t max_bytes) {
    const auto known_room = room_at(path);
    if (!known_room)
        return {"disk", State::ok, fmt::format("its room is not known: {}", std::strerror(errno))};
    std::error_code ignored;
    const std::uint64_t room = *known_room;
    const std::uint64_t used =
        fs::is_regular_file(path, ignored) ? fs::file_size(path, ignored) : 0;
    const std::string found =
        fmt::format("{} MiB free{}", room / mib,
                    max_bytes ? fmt::format(", the file may take {} MiB", max_bytes / mib)
                              : ", the file has no bound");
    if (room < least_room && used == 0)
        return {"disk", State::fails, found, "nothing can be recorded",
                "make room, or name a file on another disk with --db"};
    if (room + used >= max_bytes)
        return {"disk", State::ok, found};
    return {"disk", State::less, found,
            "once the disk is full, events wait in the rings, and when these are full they are "
            "lost",
            "make room, or give a smaller --max-size"};
}

} // namespace ctrack
