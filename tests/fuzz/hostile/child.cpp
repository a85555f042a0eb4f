// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/hostile/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <new>

#include <fmt/format.h>

#include "tests/fuzz/hostile/memory_file.h"

int query_main(int argc, char** argv); // that of query/main.cpp

namespace ctrack::hostile {

namespace {

constexpr int look_every_ms = 20;

using Words = std::vector<std::string>;

// What a child tells of the runs that have ended.
struct Progress {
    std::atomic<std::size_t> ended = 0;
    std::atomic<double> most_cpu_seconds = 0;
    std::array<std::atomic<int>, 100> exit_codes{};
};

// Memory that a child shares with its parent.
std::shared_ptr<Progress> shared_progress() {
    void* memory =
        mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc();
    return {new (memory) Progress, [](Progress* progress) { munmap(progress, sizeof *progress); }};
}

struct Outputs {
    MemoryFile out, err;
};

void limit(int resource, rlim_t soft, rlim_t hard) {
    const rlimit limits{soft, hard};
    checked(setrlimit(static_cast<__rlimit_resource>(resource), &limits), "setrlimit");
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

int be_query(const Words& arguments) {
    Words words{"ctrack-query"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    const int code = query_main(static_cast<int>(words.size()), argv.data());
    std::fflush(nullptr);
    return code;
}

// --utc is for one run alone.
void use_local_time() {
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
}

void run_here(const Words& arguments, const Outputs& outputs, const Bounds& bounds,
              Progress& progress) {
    const double before = cpu_seconds();
    limit(RLIMIT_CPU, static_cast<rlim_t>(before) + 1 + bounds.cpu_seconds, RLIM_INFINITY);
    dup2(outputs.out.fd(), STDOUT_FILENO);
    dup2(outputs.err.fd(), STDERR_FILENO);
    use_local_time();
    progress.exit_codes[progress.ended] = be_query(arguments);
    progress.most_cpu_seconds = std::max(progress.most_cpu_seconds.load(), cpu_seconds() - before);
    ++progress.ended;
}

std::int64_t resident_bytes(pid_t pid) {
    std::ifstream statm(fmt::format("/proc/{}/statm", pid));
    std::int64_t size = 0;
    std::int64_t resident = 0;
    statm >> size >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

// Which bound a child exceeds that goes on running; empty if it has ended.
std::string watch(pid_t pid, const Bounds& bounds, const Progress& progress) {
    using Clock = std::chrono::steady_clock;
    const int fd = checked(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)), "pidfd_open");
    const auto patience = std::chrono::seconds(bounds.wall_seconds);
    auto end = Clock::now() + patience;
    std::string exceeded;
    std::size_t ended = progress.ended;
    for (pollfd child{fd, POLLIN, 0}; exceeded.empty() && poll(&child, 1, look_every_ms) == 0;) {
        if (ended != progress.ended)
            end = Clock::now() + patience;
        ended = progress.ended;
        if (resident_bytes(pid) > bounds.rss_bytes)
            exceeded = fmt::format("took more than {} MiB of memory", bounds.rss_bytes >> 20);
        else if (Clock::now() > end)
            exceeded = fmt::format("took more than {} s", bounds.wall_seconds);
    }
    close(fd);
    return exceeded;
}

using AllOutputs = std::vector<std::unique_ptr<Outputs>>;

// Does the runs from the one on that `progress` says, in a child.
pid_t start(const std::vector<Words>& runs, const AllOutputs& outputs, const Bounds& bounds,
            Progress& progress) {
    std::fflush(nullptr);
    const pid_t pid = checked(fork(), "fork");
    if (pid != 0)
        return pid;
    limit(RLIMIT_FSIZE, bounds.file_bytes, bounds.file_bytes);
    limit(RLIMIT_CORE, 0, 0);
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    while (progress.ended < runs.size())
        run_here(runs[progress.ended], *outputs[progress.ended], bounds, progress);
    _exit(0);
}

// Waits for a child. Says how the run ended that has killed it, if one has.
Ran wait_for(pid_t pid, const Bounds& bounds, const Progress& progress, Taken& taken) {
    Ran last;
    last.exceeded = watch(pid, bounds, progress);
    if (!last.exceeded.empty())
        kill(pid, SIGKILL);
    int status = 0;
    rusage used{};
    checked(wait4(pid, &status, 0, &used), "wait4");
    taken.rss_bytes = std::max(taken.rss_bytes, std::int64_t{used.ru_maxrss} * 1024);
    last.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    last.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    return last;
}

} // namespace

std::vector<Ran> run_queries(const std::vector<Words>& runs, const Bounds& bounds, Taken& taken) {
    const auto progress = shared_progress();
    AllOutputs outputs;
    for (std::size_t i = 0; i < runs.size(); ++i)
        outputs.push_back(std::make_unique<Outputs>());
    std::vector<Ran> all(runs.size());
    while (progress->ended < runs.size()) {
        const auto last =
            wait_for(start(runs, outputs, bounds, *progress), bounds, *progress, taken);
        if (progress->ended < runs.size()) {
            progress->exit_codes[progress->ended] = last.exit_code;
            all[progress->ended++] = last;
        }
    }
    for (std::size_t i = 0; i < runs.size(); ++i) {
        all[i].exit_code = progress->exit_codes[i];
        all[i].out = outputs[i]->out.content();
        all[i].err = outputs[i]->err.content();
    }
    taken.cpu_seconds_of_run =
        std::max(taken.cpu_seconds_of_run, progress->most_cpu_seconds.load());
    return all;
}

} // namespace ctrack::hostile
