// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>

#include "common/file_descriptor.h"

namespace ctrack {

/// A connection of our own on 127.0.0.1, both ends of which are here.
class Loopback {
public:
    /// It is not open if this network namespace has no loopback; then error() says why.
    Loopback();

    bool is_open() const { return server_.valid(); }
    int error() const { return error_; }

    /// Sends a byte in each direction. False if one did not arrive.
    bool exchange() const;

    /// Those of both ends, as bpf_get_socket_cookie() gives them.
    std::set<std::uint64_t> cookies() const;

private:
    FileDescriptor client_, server_;
    int error_ = 0;
};

} // namespace ctrack
