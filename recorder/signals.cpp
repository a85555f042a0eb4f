// SPDX-License-Identifier: Apache-2.0
#include "recorder/signals.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <sys/signalfd.h>

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

} // namespace

FileDescriptor stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU})
        sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    ignore_others();
    FileDescriptor fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd.valid())
        throw Error(fmt::format("cannot wait for signals: {}", std::strerror(errno)));
    return fd;
}

} // namespace ctrack
