// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/hostile/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ctrack::hostile {

int checked(int result, const char* call) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), call);
    return result;
}

MemoryFile::MemoryFile() : fd_(checked(memfd_create("output", 0), "memfd_create")) {}

MemoryFile::~MemoryFile() { close(fd_); }

std::string MemoryFile::content() const {
    std::string all(static_cast<std::size_t>(lseek(fd_, 0, SEEK_END)), '\0');
    const auto got = pread(fd_, all.data(), all.size(), 0);
    all.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return all;
}

} // namespace ctrack::hostile
