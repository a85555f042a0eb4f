// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/mapping.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

Mapping map_memory(int map, std::size_t bytes, int protection, std::size_t offset) {
    void* begin = mmap(nullptr, bytes, protection, MAP_SHARED, map, static_cast<off_t>(offset));
    if (begin == MAP_FAILED)
        throw Error(fmt::format("cannot map a ring buffer: {}", std::strerror(errno)));
    return {static_cast<std::byte*>(begin), Unmap{bytes}};
}

} // namespace ctrack
