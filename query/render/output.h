// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace ctrack::query {

/// The reader of a pipe has gone: nothing is wrong, nothing more is wanted.
struct ClosedPipe : std::exception {};

/// A stdio stream whose write errors are exceptions: ClosedPipe, otherwise
/// Error with one line for the user. Does not own the stream.
class Output {
public:
    explicit Output(std::FILE* stream) : stream_(stream) {}

    void write(std::string_view text);

    /// Call at the end: until then an error may be hidden in the buffer.
    void flush();

    bool is_terminal() const;

    /// For libraries that write by themselves.
    std::FILE* stream() const { return stream_; }

private:
    std::FILE* stream_;
};

} // namespace ctrack::query
