// SPDX-License-Identifier: Apache-2.0
//
// What a process may do after it has given up the rest, tried in a child. A build with sanitizers
// filters nothing, so the tests of the filter are left out there.
#include "recorder/privileges/capabilities.h"
#include "recorder/privileges/system_calls.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/catch.h"

using namespace ctrack;

namespace {

// Whether the function returns true in a child of this process.
bool in_a_child(const std::function<bool()>& function) {
    const pid_t child = fork();
    if (child == 0)
        _exit(function() ? 0 : 1);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

TEST_CASE("privileges: what is not kept is gone from all sets") {
    const std::array kept{CAP_NET_ADMIN};
    CHECK(in_a_child([&] {
        const bool had = has_capability(CAP_NET_ADMIN);
        const bool could_bound = has_capability(CAP_SETPCAP);
        keep_capabilities(kept);
        for (int number = 0; number < 64; ++number) {
            if (has_capability(number) != (had && number == CAP_NET_ADMIN))
                return false;
            const bool is_in_bounds = prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1;
            if (could_bound && is_in_bounds && number != CAP_NET_ADMIN)
                return false;
        }
        return true;
    }));
}

TEST_CASE("privileges: without some for the length of a function") {
    CHECK(in_a_child([] {
        const bool had = has_capability(CAP_SYS_PTRACE);
        const auto has = [] { return has_capability(CAP_SYS_PTRACE); };
        const std::array in_force{CAP_SYS_PTRACE};
        return !works_with({}, has) && works_with(in_force, has) == had && has() == had;
    }));
}

TEST_CASE("privileges: nothing is gained any more") {
    CHECK(in_a_child([] {
        gain_no_privileges();
        return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    }));
}

TEST_CASE("privileges: each capability tells what it is for") {
    for (const Capability& capability : capabilities()) {
        CHECK(std::string_view(capability.name).starts_with("CAP_"));
        CHECK(std::string_view(capability.use).size() > 10);
        CHECK(std::string_view(capability.cost).size() > 10);
    }
}

#ifndef CTRACK_SANITIZED

namespace {

bool with_filter(const std::function<bool()>& function) {
    return in_a_child([&] { return filter_system_calls() && function(); });
}

bool is_refused(long result) { return result == -1 && errno == ENOSYS; }

bool fails_in_its_own_way(long result) { return result == -1 && errno != ENOSYS; }

} // namespace

TEST_CASE("privileges: calls that the loop does not make are refused") {
    std::array<char*, 1> nothing{};
    char name[] = "/bin/true";
    CHECK(with_filter([&] { return is_refused(execve(name, nothing.data(), nothing.data())); }));
    CHECK(with_filter([] { return is_refused(kill(getppid(), 0)); }));
    CHECK(with_filter([] { return is_refused(ptrace(PTRACE_TRACEME, 0, 0, 0)); }));
    CHECK(with_filter([] { return is_refused(socket(AF_INET, SOCK_STREAM, 0)); }));
    CHECK(with_filter([] { return is_refused(socket(AF_NETLINK, SOCK_RAW, 0)); }));
    CHECK(with_filter([] { return is_refused(setns(-1, CLONE_NEWNS)); }));
    CHECK(with_filter([] { return is_refused(syscall(SYS_bpf, BPF_PROG_LOAD, nullptr, 0)); }));
    CHECK(with_filter([] {
        return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
               MAP_FAILED;
    }));
}

TEST_CASE("privileges: calls that the loop makes pass") {
    CHECK(with_filter([] {
        const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
        char byte = 0;
        return read(file, &byte, 1) == 1 && close(file) == 0;
    }));
    CHECK(with_filter([] {
        bool has_run = false;
        std::thread([&] { has_run = true; }).join();
        return has_run;
    }));
    CHECK(with_filter([] { return socket(AF_UNIX, SOCK_DGRAM, 0) >= 0; }));
    CHECK(with_filter(
        [] { return fails_in_its_own_way(syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, nullptr, 0)); }));
    CHECK(with_filter([] { return fails_in_its_own_way(setns(-1, CLONE_NEWNET)); }));
    CHECK(with_filter([] { return fails_in_its_own_way(ioctl(-1, PERF_EVENT_IOC_DISABLE, 0)); }));
    CHECK(with_filter([] {
        keep_capabilities({});
        return true;
    }));
}

TEST_CASE("privileges: a filter holds for threads that run already") {
    CHECK(in_a_child([] {
        std::array<int, 2> to_thread{};
        bool refused = false;
        if (pipe(to_thread.data()) != 0)
            return false;
        std::thread thread([&] {
            char byte = 0;
            refused =
                read(to_thread[0], &byte, 1) == 1 && is_refused(socket(AF_INET, SOCK_STREAM, 0));
        });
        const bool sent = filter_system_calls() && write(to_thread[1], "x", 1) == 1;
        thread.join();
        return sent && refused;
    }));
}

#endif
