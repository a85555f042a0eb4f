// SPDX-License-Identifier: Apache-2.0
#include "recorder/terminal.h"

#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

#include "common/terminal_text.h"
#include "recorder/service/journal.h"

namespace ctrack {

namespace {

std::size_t terminal_width() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// Errors are ignored: whoever reads the messages may have gone, which is no reason to stop
// recording.
void print(const std::string& text) { std::fputs(text.c_str(), stderr); }

} // namespace

Terminal::Terminal(bool quiet)
    : quiet_(quiet), is_terminal_(isatty(STDERR_FILENO) == 1),
      is_journal_(journal::reads_stderr()) {}

Terminal::~Terminal() { clear_status(); }

void Terminal::clear_status() {
    if (status_shown_)
        print("\r\033[K");
    status_shown_ = false;
}

void Terminal::say(const Message& message) {
    if (quiet_ && message.priority > Priority::warning)
        return;
    clear_status();
    if (is_journal_)
        journal::store(message);
    else
        print(one_line(message.text) + "\n");
}

void Terminal::fail(const std::string& line) {
    if (journal::reads_stderr())
        journal::store({.text = line, .priority = Priority::error});
    else
        print("ctrack-recorder: " + one_line(line) + "\n");
}

// The line is cut to the width of the terminal, because a line that wraps cannot be overwritten.
void Terminal::show_status(const std::string& line) {
    clear_status();
    print(one_line(line).substr(0, terminal_width() - 1));
    std::fflush(stderr);
    status_shown_ = true;
}

} // namespace ctrack
