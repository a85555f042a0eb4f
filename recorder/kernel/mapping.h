// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace ctrack {

/// Memory of a BPF map that this process shares with the kernel. It is unmapped at the end.
class Mapping {
public:
    /// The map is given by its descriptor. Throws Error.
    Mapping(int map, std::size_t bytes, int protection, std::size_t offset);
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&&) = delete;
    ~Mapping();

    std::byte* at(std::size_t offset) const { return begin_ + offset; }

private:
    std::byte* begin_;
    std::size_t bytes_;
};

} // namespace ctrack
