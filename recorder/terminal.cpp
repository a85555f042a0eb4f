// SPDX-License-Identifier: Apache-2.0
#include "recorder/terminal.h"

#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace ctrack {

namespace {

std::size_t terminal_width() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

Terminal::Terminal(bool quiet) : quiet_(quiet), is_terminal_(isatty(STDERR_FILENO) == 1) {}

Terminal::~Terminal() { clear_status(); }

void Terminal::clear_status() {
    if (status_shown_)
        fmt::print(stderr, "\r\033[K");
    status_shown_ = false;
}

void Terminal::say(const std::string& line) {
    if (quiet_)
        return;
    clear_status();
    fmt::print(stderr, "{}\n", line);
}

// Cut to the terminal's width: a line that wraps cannot be written over.
void Terminal::show_status(const std::string& line) {
    clear_status();
    fmt::print(stderr, "{}", line.substr(0, terminal_width() - 1));
    std::fflush(stderr);
    status_shown_ = true;
}

} // namespace ctrack
