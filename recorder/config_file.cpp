// SPDX-License-Identifier: Apache-2.0
#include "recorder/config_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/file_descriptor.h"
#include "common/nearest.h"
#include "recorder/access/trusted_way.h"

namespace ctrack {

namespace {

// Many times what a file with all options and their comments takes.
constexpr std::size_t most_bytes = 64 << 10;

constexpr std::string_view blanks = " \t\r"; // \r ends lines that were written on Windows

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == text.npos)
        return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Why a value cannot be meant as it stands, or an empty text.
std::string fault_of(std::string_view value) {
    if (value.empty())
        return "has no value: write NAME=VALUE, or begin the line with # to keep the default";
    if (is_quote(value.front()) || is_quote(value.back()))
        return "the value is everything after the =, so it needs no quotes";
    if (value.front() == '#' || value.find(" #") != value.npos || value.find("\t#") != value.npos)
        return "a comment needs a line of its own";
    if (std::ranges::any_of(value, is_control))
        return "the value holds a character that cannot be seen";
    return {};
}

// Nothing for a blank line and for a comment.
std::optional<Setting> setting_of(std::string_view line, const std::string& path, int number) {
    line = trimmed(line);
    if (line.empty() || line[0] == '#')
        return std::nullopt;
    const auto equals = line.find('=');
    if (line[0] == '[')
        throw ConfigError(path, number, "there are no sections: write NAME=VALUE lines alone");
    if (equals == line.npos || equals == 0)
        throw ConfigError(
            path, number,
            fmt::format("'{}' is no NAME=VALUE, and no comment, which begins with #", line));
    const std::string name{trimmed(line.substr(0, equals))};
    const std::string_view value = trimmed(line.substr(equals + 1));
    if (const auto fault = fault_of(value); !fault.empty())
        throw ConfigError(path, number, fmt::format("{}: {}", name, fault));
    return Setting{name, std::string(value), number};
}

void require_known(const Setting& setting, const std::string& path,
                   const std::vector<std::string>& names) {
    if (std::ranges::find(names, setting.name) != names.end())
        return;
    std::string in_small_letters = setting.name;
    std::ranges::transform(in_small_letters, in_small_letters.begin(),
                           [](unsigned char c) { return std::tolower(c); });
    const auto guess = nearest(in_small_letters, names);
    throw ConfigError(path, setting.line,
                      fmt::format("there is no option {}{}", setting.name,
                                  guess.empty() ? "" : fmt::format(": did you mean {}?", guess)));
}

void require_first(const Setting& setting, const std::string& path,
                   const std::vector<Setting>& before) {
    const auto same = std::ranges::find(before, setting.name, &Setting::name);
    if (same != before.end())
        throw ConfigError(
            path, setting.line,
            fmt::format("{} is given twice, and was in line {} already", setting.name, same->line));
}

[[noreturn]] void fail(const std::string& path, const std::string& why) {
    throw ConfigError(fmt::format("cannot read {}: {}", path, why));
}

// Whoever can write the file says into which file root records, and when it deletes.
void require_own(const std::string& path, int descriptor) {
    struct stat file {};
    fstat(descriptor, &file);
    const bool is_null = S_ISCHR(file.st_mode) && file.st_rdev == makedev(1, 3);
    const auto fault = fault_on_way_to(path);
    if (!is_null && !S_ISREG(file.st_mode))
        fail(path, "it is no regular file");
    if (!fault.empty())
        fail(path, fault + ": see chown(1) and chmod(1)");
    if (!is_trusted_user(file.st_uid))
        fail(path,
             fmt::format("it belongs to user {}, who could change it: see chown(1)", file.st_uid));
    if (!is_null && (file.st_mode & S_IWOTH))
        fail(path, "everybody can write to it: see chmod(1)");
    if (!is_null && (file.st_mode & S_IWGRP) && !is_trusted_group(file.st_gid))
        fail(path, fmt::format("group {} can write to it: see chmod(1)", file.st_gid));
}

// A pipe is opened without waiting for its other end, so that it can be refused.
std::string content_of(const std::string& path) {
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.valid())
        fail(path, std::strerror(errno));
    require_own(path, file.get());
    std::string content(most_bytes + 1, '\0');
    std::size_t size = 0;
    ssize_t got = 0;
    while ((got = read(file.get(), content.data() + size, content.size() - size)) > 0)
        size += static_cast<std::size_t>(got);
    if (got < 0)
        fail(path, std::strerror(errno));
    if (size > most_bytes)
        fail(path, fmt::format("it is larger than {} KiB", most_bytes >> 10));
    content.resize(size);
    return content;
}

} // namespace

ConfigError::ConfigError(const std::string& path, int line, const std::string& what)
    : Error(fmt::format("{}:{}: {}", path, line, what)) {}

bool is_missing(const std::string& path) {
    return access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

std::vector<Setting> read_config_file(const std::string& path,
                                      const std::vector<std::string>& names) {
    std::vector<Setting> settings;
    std::string_view rest;
    const std::string content = content_of(path);
    rest = content;
    for (int number = 1; !rest.empty(); ++number) {
        const auto end = std::min(rest.find('\n'), rest.size());
        if (const auto setting = setting_of(rest.substr(0, end), path, number)) {
            require_known(*setting, path, names);
            require_first(*setting, path, settings);
            settings.push_back(*setting);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return settings;
}

} // namespace ctrack
