// SPDX-License-Identifier: Apache-2.0
//
// What is longer than the screen goes into a pager, as git and journalctl have it.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace ctrack::query {

/// The user's pager: CTRACK_PAGER, else PAGER, else less. Empty if none is wanted, or if the
/// terminal can do nothing.
std::string pager_command();

/// How many rows and columns the terminal on stdout has. LINES and COLUMNS count more than what
/// the terminal says; without any it is 24 x 80.
std::size_t terminal_rows();
std::size_t terminal_columns();

/// A stream for a text that goes to the terminal on stdout. It is held back while it fits the
/// screen; when it is longer, a pager is started and gets it, and from then on what is written to
/// stderr too. There is one Screen in a program.
class Screen {
public:
    explicit Screen(std::string pager);
    ~Screen(); ///< shows what is held, and waits until the user has left the pager
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    std::FILE* stream() { return stream_; }

    /// Shows what is held: it is all. What is written later is shown at once.
    void show();

private:
    static ssize_t write(void* self, const char* text, std::size_t size);
    bool take(std::string_view text);
    void count_rows(std::string_view text);
    void start_pager();
    void end_pager();

    std::string pager_;
    std::FILE* stream_;
    std::string held_;
    std::size_t rows_ = 0;
    bool is_held_ = true;
    pid_t child_ = -1;
    int to_; // descriptor of the terminal, or of the pager's input
    int own_stderr_ = -1;
};

} // namespace ctrack::query
