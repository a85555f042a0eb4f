// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ctrack::query {

/// The reader of a pipe has gone. Nothing is wrong, but nothing more is wanted.
struct ClosedPipe : std::exception {};

class Screen;

/// A stdio stream whose write errors become exceptions: ClosedPipe, or an Error with one line for
/// the user. It does not own the stream. Where that is a terminal, nothing in a text can act on it;
/// files and pipes get the bytes as they are, because they are data.
class Output {
public:
    explicit Output(std::FILE* stream);
    explicit Output(Screen& screen); ///< must live longer

    void write(std::string_view text);

    /// Must be called at the end, because an error may be hidden in the buffer until then.
    void flush();

    bool is_terminal() const { return is_terminal_; }

    /// Writes a line to stderr when the output is flushed, so that it stands below.
    void say_below(std::string line) { below_.push_back(std::move(line)); }

    /// Whether nobody reads the output any more.
    bool is_closed() const;

    /// The stream for a library that writes by itself, and itself keeps the terminal safe.
    std::FILE* stream() const { return stream_; }

private:
    std::FILE* stream_;
    Screen* screen_ = nullptr;
    bool is_terminal_;
    std::vector<std::string> below_;
};

} // namespace ctrack::query
