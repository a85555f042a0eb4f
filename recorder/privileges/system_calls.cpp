// SPDX-License-Identifier: Apache-2.0
#include "recorder/privileges/system_calls.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <memory>

#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

namespace {

#ifdef CTRACK_SANITIZED
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

// Calls with any arguments. Some have another name on other machines, or are what another C library
// makes of the same function; a name that a machine does not have is passed over.
constexpr std::array allowed{
    // files: the recording and its log, /proc, cgroups, the config file
    "access", "chdir", "close", "close_range", "faccessat", "faccessat2", "fallocate", "fchmod",
    "fchmodat", "fchown", "fchownat", "fcntl", "fdatasync", "flock", "fstat", "fstatfs", "fsync",
    "ftruncate", "getcwd", "getdents64", "lseek", "lstat", "mkdir", "mkdirat", "newfstatat", "open",
    "openat", "pread64", "preadv", "pwrite64", "pwritev", "read", "readlink", "readlinkat", "readv",
    "rename", "renameat", "renameat2", "rmdir", "stat", "statfs", "statx", "umask", "unlink",
    "unlinkat", "utimensat", "write", "writev",
    // memory
    "brk", "madvise", "mremap", "munmap",
    // threads, and how they end; a process made so can do no more than this one
    "clone", "clone3", "exit", "exit_group", "futex", "get_robust_list", "getpid", "gettid",
    "membarrier", "restart_syscall", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask",
    "rt_sigreturn", "sched_getaffinity", "sched_yield", "set_robust_list", "sigaltstack",
    // waiting, and clocks
    "clock_getres", "clock_gettime", "clock_nanosleep", "epoll_ctl", "epoll_pwait", "epoll_pwait2",
    "epoll_wait", "gettimeofday", "nanosleep", "poll", "ppoll", "time",
    // messages to systemd, and questions to conntrack
    "connect", "getpeername", "getsockname", "getsockopt", "recvfrom", "recvmsg", "sendmmsg",
    "sendmsg", "sendto", "setsockopt",
    // what the host and this process are
    "getegid", "geteuid", "getgid", "getgroups", "getppid", "getrandom", "getresgid", "getresuid",
    "getrlimit", "getrusage", "getuid", "prlimit64", "sysinfo", "uname"};

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

void check(int result) {
    if (result < 0)
        throw Error(fmt::format("cannot filter system calls: {}", std::strerror(-result)));
}

void allow(const Filter& filter, const char* name,
           std::initializer_list<scmp_arg_cmp> arguments = {}) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number != __NR_SCMP_ERROR)
        check(seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, number,
                                     static_cast<unsigned>(arguments.size()), arguments.begin()));
}

scmp_arg_cmp is(unsigned argument, scmp_datum_t value) { return {argument, SCMP_CMP_EQ, value, 0}; }

scmp_arg_cmp has(unsigned argument, scmp_datum_t bits, scmp_datum_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, bits, value};
}

// Neither programs can be loaded nor maps be written to.
void allow_bpf(const Filter& filter) {
    for (const auto command : {BPF_ITER_CREATE, BPF_LINK_DETACH, BPF_MAP_LOOKUP_ELEM})
        allow(filter, "bpf", {is(0, command)});
}

// Nothing that goes over a network.
void allow_sockets(const Filter& filter) {
    allow(filter, "socket", {is(0, AF_UNIX)});
    allow(filter, "socket", {is(0, AF_NETLINK), is(2, NETLINK_NETFILTER)});
}

// No code but the program's own, and no signal to another process.
void allow_memory_and_signals(const Filter& filter) {
    for (const char* name : {"mmap", "mprotect"})
        allow(filter, name, {has(2, PROT_EXEC, 0)});
    allow(filter, "tgkill", {is(0, static_cast<scmp_datum_t>(getpid()))});
}

// A new thread gives up its capabilities too. None of these calls can gain one.
void allow_giving_up(const Filter& filter) {
    for (const char* name : {"capget", "capset"})
        allow(filter, name);
    for (const int request : {PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_CAP_AMBIENT})
        allow(filter, "prctl", {is(0, static_cast<scmp_datum_t>(request))});
}

// Whether standard error is a terminal, and how wide. At the end, libbpf stops a tracepoint by an
// ioctl() too.
void allow_ioctl(const Filter& filter) {
    constexpr std::array<scmp_datum_t, 3> requests{TCGETS, TIOCGWINSZ, PERF_EVENT_IOC_DISABLE};
    for (const scmp_datum_t request : requests)
        allow(filter, "ioctl", {is(1, request)});
}

} // namespace

// A call that is not allowed fails as one that the kernel does not have. So a newer C library takes
// its older way and goes on, where EPERM would stop it, and the recorder is not killed for a call
// that nobody has thought of. The kernel's log names the call ("type=1326").
bool filter_system_calls() {
    if (is_sanitized)
        return false;
    const Filter filter(seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), &seccomp_release);
    if (!filter)
        throw Error("cannot filter system calls: no memory");
    check(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1));
    seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_LOG, 1);      // Linux 4.14
    seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2); // a tree; libseccomp 2.5
    for (const char* name : allowed)
        allow(filter, name);
    allow_bpf(filter);
    allow_sockets(filter);
    allow_memory_and_signals(filter);
    allow_giving_up(filter);
    allow_ioctl(filter);
    allow(filter, "setns", {is(1, CLONE_NEWNET)}); // fails in its own way without CAP_SYS_ADMIN
    const int result = seccomp_load(filter.get());
    if (result == -EINVAL || result == -ENOSYS)
        return false;
    check(result);
    return true;
}

} // namespace ctrack
