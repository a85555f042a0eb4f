// SPDX-License-Identifier: Apache-2.0
#include "query/render/screen.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <new>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ctrack::query {

namespace {

std::string_view variable(const char* name) {
    const auto* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

winsize terminal_size() {
    winsize size{};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    return size;
}

std::size_t one_of(const char* name, std::size_t of_terminal, std::size_t otherwise) {
    if (const auto* value = std::getenv(name); value != nullptr && std::atoi(value) > 0)
        return static_cast<std::size_t>(std::atoi(value));
    return of_terminal > 0 ? of_terminal : otherwise;
}

bool write_all(int to, std::string_view text) {
    while (!text.empty()) {
        const auto written = write(to, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return false;
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    return true;
}

// Ctrl-C is for the pager, and for a query that runs (Watch takes it before it is handled).
void leave_interrupts_to_pager() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    action.sa_flags = SA_RESTART;
    if (struct sigaction before{};
        sigaction(SIGINT, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGINT, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN); // the user may leave before the end
}

// Runs in the child. If there is no such program, the text is shown as it is.
[[noreturn]] void become(const std::string& pager, int input) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(input, STDIN_FILENO);
    setenv("LESS", "FRSX", 0);
    setenv("LV", "-c", 0);
    const auto command = pager + "\ncase $? in 126|127) exec cat;; esac";
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
}

} // namespace

std::string pager_command() {
    const auto term = variable("TERM");
    if (term.empty() || term == "dumb")
        return {};
    for (const auto* name : {"CTRACK_PAGER", "PAGER"})
        if (std::getenv(name) != nullptr)
            return variable(name) == "cat" ? std::string() : std::string(variable(name));
    return "less";
}

std::size_t terminal_rows() { return one_of("LINES", terminal_size().ws_row, 24); }

std::size_t terminal_columns() { return one_of("COLUMNS", terminal_size().ws_col, 80); }

Screen::Screen(std::string pager)
    : pager_(std::move(pager)), stream_(fopencookie(this, "w", {nullptr, write, nullptr, nullptr})),
      to_(STDOUT_FILENO) {
    if (stream_ == nullptr)
        throw std::bad_alloc();
}

Screen::~Screen() {
    std::fflush(stream_);
    show();
    std::fclose(stream_);
    if (child_ > 0)
        end_pager();
}

void Screen::show() {
    if (is_held_)
        write_all(to_, held_);
    held_.clear();
    is_held_ = false;
}

// stdio takes 0 for an error.
ssize_t Screen::write(void* self, const char* text, std::size_t size) {
    return static_cast<Screen*>(self)->take({text, size}) ? static_cast<ssize_t>(size) : 0;
}

bool Screen::take(std::string_view text) {
    if (!is_held_)
        return write_all(to_, text);
    held_ += text;
    count_rows(text);
    if (rows_ < terminal_rows())
        return true;
    start_pager();
    const bool is_taken = write_all(to_, held_);
    is_held_ = false;
    held_.clear();
    return is_taken;
}

// A line that is too long takes several rows; of one with colours that is not known.
void Screen::count_rows(std::string_view text) {
    const auto columns = terminal_columns();
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        const bool is_coloured = text.substr(0, end).find('\x1b') != std::string_view::npos;
        rows_ += 1 + (is_coloured || end == 0 ? 0 : (end - 1) / columns);
        text.remove_prefix(end + 1);
    }
}

void Screen::start_pager() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return;
    child_ = fork();
    if (child_ == 0)
        become(pager_, ends[0]);
    close(ends[0]);
    if (child_ < 0) {
        close(ends[1]);
        return;
    }
    to_ = ends[1];
    leave_interrupts_to_pager();
    if (isatty(STDERR_FILENO) != 0) {
        own_stderr_ = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
        dup2(to_, STDERR_FILENO);
    }
}

void Screen::end_pager() {
    if (own_stderr_ >= 0) {
        dup2(own_stderr_, STDERR_FILENO);
        close(own_stderr_);
    }
    close(to_);
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace ctrack::query
