// SPDX-License-Identifier: Apache-2.0
//
// A disk that takes nothing more, made by the limit that a process has for its files.
#pragma once

#include <csignal>

#include <sys/resource.h>

namespace ctrack::test {

/// No file can grow meanwhile.
class FullDisk {
public:
    FullDisk() : ignored_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &none);
    }
    ~FullDisk() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, ignored_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_{};
    void (*ignored_)(int);
};

} // namespace ctrack::test
