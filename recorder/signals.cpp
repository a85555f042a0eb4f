// SPDX-License-Identifier: Apache-2.0
#include "recorder/signals.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>

#include <fcntl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

namespace {

void ignore_others() {
    for (const int signal : {SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO,
                             SIGPWR, SIGSTKFLT})
        std::signal(signal, SIG_IGN);
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal)
        std::signal(signal, SIG_IGN);
}

bool is_ignored(int signal) {
    struct sigaction action {};
    return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

bool has_terminal() {
    return FileDescriptor(open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)).valid();
}

FileDescriptor descriptor_of(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals)
        sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    FileDescriptor fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd.valid())
        throw Error(fmt::format("cannot wait for signals: {}", std::strerror(errno)));
    return fd;
}

} // namespace

Signals take_signals() {
    ignore_others();
    if (has_terminal() && !is_ignored(SIGHUP))
        return {descriptor_of({SIGINT, SIGTERM, SIGQUIT, SIGXCPU, SIGHUP}), FileDescriptor()};
    return {descriptor_of({SIGINT, SIGTERM, SIGQUIT, SIGXCPU}), descriptor_of({SIGHUP})};
}

bool has_come(const FileDescriptor& signals) {
    signalfd_siginfo info{};
    bool come = false;
    while (signals.valid() && read(signals.get(), &info, sizeof info) > 0)
        come = true;
    return come;
}

} // namespace ctrack
