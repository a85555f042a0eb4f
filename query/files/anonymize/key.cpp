// SPDX-License-Identifier: Apache-2.0
#include "query/files/anonymize/key.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/error.h"
#include "common/file_descriptor.h"

namespace ctrack::query::anonymize {

namespace {

constexpr std::size_t least_bytes = 32, most_bytes = 4096;

// Of 32 random bytes, fewer are different once in 10^21 times.
constexpr std::size_t least_different_bytes = 8;

constexpr auto how_to_make = "(umask 077; head -c 32 /dev/urandom > KEYFILE) makes one";

[[noreturn]] void fail_reading(const std::string& path) {
    throw Error(
        fmt::format("cannot read the key {}: {}: {}", path, std::strerror(errno), how_to_make));
}

std::string read_some(const std::string& path, const FileDescriptor& file) {
    std::string key;
    std::array<char, most_bytes + 1> block;
    ssize_t size = 1;
    while (size > 0 && key.size() <= most_bytes) {
        size = read(file.get(), block.data(), block.size());
        if (size < 0)
            fail_reading(path);
        key.append(block.data(), static_cast<std::size_t>(size));
    }
    return key;
}

void require_private(const std::string& path, const FileDescriptor& file) {
    struct stat status {};
    if (fstat(file.get(), &status) != 0)
        fail_reading(path);
    if (const auto mode = status.st_mode & 0777; (mode & 077) != 0)
        throw Error(fmt::format("the key {0} is not secret: others than its owner may use it (its "
                                "mode is {1:04o}); chmod 600 {0}, or take another: {2}",
                                path, mode, how_to_make));
}

void require_random(const std::string& path, const std::string& key) {
    if (key.size() < least_bytes || key.size() > most_bytes)
        throw Error(fmt::format("the key {} is too {}: a key has {} to {} bytes; {}", path,
                                key.size() < least_bytes ? "short" : "long", least_bytes,
                                most_bytes, how_to_make));
    const std::set<char> different(key.begin(), key.end());
    if (different.size() < least_different_bytes)
        throw Error(fmt::format("the key {} can be guessed: only {} of its bytes differ; {}", path,
                                different.size(), how_to_make));
}

} // namespace

std::string read_key(const std::string& path) {
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid())
        fail_reading(path);
    auto key = read_some(path, file);
    require_private(path, file);
    require_random(path, key);
    return key;
}

} // namespace ctrack::query::anonymize
