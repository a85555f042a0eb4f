// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/hostile/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

int query_main(int argc, char** argv); // that of query/main.cpp

namespace ctrack::hostile {

namespace {

constexpr int look_every_ms = 20;

int checked(int result, const char* what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

class MemoryFile {
public:
    explicit MemoryFile(const char* name) : fd_(checked(memfd_create(name, 0), "memfd_create")) {}
    ~MemoryFile() { close(fd_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    int fd() const { return fd_; }

    std::string content() const {
        std::string all(static_cast<std::size_t>(lseek(fd_, 0, SEEK_END)), '\0');
        const auto got = pread(fd_, all.data(), all.size(), 0);
        all.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return all;
    }

private:
    int fd_;
};

void limit(int resource, rlim_t soft, rlim_t hard) {
    const rlimit limits{soft, hard};
    checked(setrlimit(static_cast<__rlimit_resource>(resource), &limits), "setrlimit");
}

// At the second limit of the CPU the kernel kills, at the first there is a signal that says why.
[[noreturn]] void be_query(const std::vector<std::string>& arguments, const Bounds& bounds, int out,
                           int err) {
    limit(RLIMIT_CPU, bounds.cpu_seconds, bounds.cpu_seconds + 2);
    limit(RLIMIT_FSIZE, bounds.file_bytes, bounds.file_bytes);
    limit(RLIMIT_CORE, 0, 0);
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    std::vector<std::string> words{"ctrack-query"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    const int code = query_main(static_cast<int>(words.size()), argv.data());
    std::fflush(nullptr);
    _exit(code);
}

std::int64_t resident_bytes(pid_t pid) {
    std::ifstream statm(fmt::format("/proc/{}/statm", pid));
    std::int64_t size = 0;
    std::int64_t resident = 0;
    statm >> size >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

// Which bound a child exceeds that goes on running; empty if it has ended.
std::string watch(pid_t pid, const Bounds& bounds) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::seconds(bounds.wall_seconds);
    const int fd = checked(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)), "pidfd_open");
    std::string exceeded;
    pollfd ended{fd, POLLIN, 0};
    while (exceeded.empty() && poll(&ended, 1, look_every_ms) == 0) {
        if (resident_bytes(pid) > bounds.rss_bytes)
            exceeded = fmt::format("took more than {} MiB of memory", bounds.rss_bytes >> 20);
        else if (Clock::now() > end)
            exceeded = fmt::format("took more than {} s", bounds.wall_seconds);
    }
    close(fd);
    return exceeded;
}

} // namespace

Ran run_query(const std::vector<std::string>& arguments, const Bounds& bounds) {
    const MemoryFile out("stdout");
    const MemoryFile err("stderr");
    std::fflush(nullptr);
    const pid_t pid = checked(fork(), "fork");
    if (pid == 0)
        be_query(arguments, bounds, out.fd(), err.fd());
    Ran ran;
    ran.exceeded = watch(pid, bounds);
    if (!ran.exceeded.empty())
        kill(pid, SIGKILL);
    rusage used{};
    checked(wait4(pid, &ran.status, 0, &used), "wait4");
    ran.out = out.content();
    ran.err = err.content();
    ran.cpu_seconds = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                      static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    ran.rss_bytes = std::int64_t{used.ru_maxrss} * 1024;
    return ran;
}

} // namespace ctrack::hostile
