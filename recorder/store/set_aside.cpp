// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/set_aside.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <fcntl.h>

#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

namespace {

// The text of the schema is in the first pages of a file, because it is written first.
constexpr std::size_t searched_bytes = 1 << 20;
constexpr std::string_view schema_text = "CREATE TABLE recordings ( -- one run of the recorder";

// SQLite's file format has its magic at byte 0 and the application_id at byte 68.
constexpr std::string_view magic("SQLite format 3\0", 16);
constexpr std::string_view application_id = "ctrk";
constexpr std::size_t application_id_offset = 68;

// The file itself is the last.
constexpr std::array suffixes{"-journal", "-wal", "-shm", ""};

std::string beginning_of(const std::string& path) {
    std::string bytes(searched_bytes, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

// The size of a file; 0 if there is none.
std::uintmax_t size_of(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
}

// Returns whether there was one to rename.
bool rename_one(const std::string& from, const std::string& to) {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return true;
    if (errno != ENOENT)
        throw Error(fmt::format("cannot rename {} to {}: {}", from, to, std::strerror(errno)));
    return false;
}

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    char text[sizeof "YYYYmmddTHHMMSS"];
    std::strftime(text, sizeof text, "%Y%m%dT%H%M%S", gmtime_r(&now, &parts));
    return text;
}

bool is_taken(const std::string& path) {
    std::error_code error;
    for (const char* suffix : suffixes)
        if (std::filesystem::symlink_status(path + suffix, error).type() !=
            std::filesystem::file_type::not_found)
            return true;
    return false;
}

// What is set aside twice within a second gets a number, too.
std::string free_name(const std::string& path, const char* word) {
    const std::string named = fmt::format("{}.{}-{}", path, word, utc_now());
    std::string name = named;
    for (int number = 2; is_taken(name); ++number)
        name = fmt::format("{}-{}", named, number);
    return name;
}

} // namespace

bool was_ctrack_file(const std::string& path) {
    const std::string bytes = beginning_of(path);
    const bool has_header =
        bytes.starts_with(magic) &&
        bytes.compare(application_id_offset, application_id.size(), application_id) == 0;
    return has_header || bytes.find(schema_text) != std::string::npos;
}

bool is_emptied(const std::string& path) { return !size_of(path) && size_of(path + "-wal"); }

// The file is renamed last, so that no log is left without its file if this is cut short.
std::string set_aside(const std::string& path, const char* word) {
    const std::string aside = free_name(path, word);
    bool any = false;
    for (const char* suffix : suffixes)
        any |= rename_one(path + suffix, aside + suffix);
    return any ? aside : "";
}

bool has_log(const std::string& path) { return size_of(path + "-wal") > 0; }

bool move_log(const std::string& from, const std::string& to) {
    std::error_code error;
    std::filesystem::remove(from + "-shm", error);
    std::filesystem::rename(from + "-wal", to + "-wal", error);
    return !error;
}

void remove_emptied_log(const std::string& path) {
    std::error_code error;
    if (has_log(path))
        return;
    for (const char* suffix : {"-wal", "-shm"})
        std::filesystem::remove(path + suffix, error);
}

} // namespace ctrack
