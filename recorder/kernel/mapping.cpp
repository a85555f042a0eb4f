// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/mapping.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/mman.h>

#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

Mapping::Mapping(int map, std::size_t bytes, int protection, std::size_t offset) : bytes_(bytes) {
    void* begin = mmap(nullptr, bytes, protection, MAP_SHARED, map, static_cast<off_t>(offset));
    if (begin == MAP_FAILED)
        throw Error(fmt::format("cannot map a ring buffer: {}", std::strerror(errno)));
    begin_ = static_cast<std::byte*>(begin);
}

Mapping::Mapping(Mapping&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)), bytes_(other.bytes_) {}

Mapping::~Mapping() {
    if (begin_)
        munmap(begin_, bytes_);
}

} // namespace ctrack
