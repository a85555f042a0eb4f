// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include <sys/mman.h>

namespace ctrack {

struct Unmap {
    std::size_t bytes;
    void operator()(std::byte* begin) const { munmap(begin, bytes); }
};

/// Memory of a BPF map that this process shares with the kernel.
using Mapping = std::unique_ptr<std::byte, Unmap>;

/// The map is given by its descriptor. Throws Error.
Mapping map_memory(int map, std::size_t bytes, int protection, std::size_t offset);

} // namespace ctrack
