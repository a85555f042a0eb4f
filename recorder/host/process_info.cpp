// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/process_info.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/file_descriptor.h"

namespace ctrack {

namespace {

constexpr std::size_t most_processes = 65'536;
constexpr std::size_t max_proc_file = 4096; // longer command lines are cut

// Reads a file by the descriptor of the directory /proc/PID, which belongs to the same process even
// after its pid was given to another process.
std::string read_file(int directory, const char* name) {
    const FileDescriptor file(openat(directory, name, O_RDONLY | O_CLOEXEC));
    std::string text(max_proc_file, '\0');
    const ssize_t size = file.valid() ? read(file.get(), text.data(), text.size()) : -1;
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return text;
}

std::optional<std::string> read_link(int directory, const char* name) {
    std::string target(max_proc_file, '\0');
    const ssize_t size = readlinkat(directory, name, target.data(), target.size());
    if (size < 0)
        return std::nullopt;
    target.resize(static_cast<std::size_t>(size));
    return target;
}

struct Stat {
    std::int64_t parent_pid;
    std::uint64_t start_ticks;
};

// Parses /proc/PID/stat. The name in brackets may hold anything, even brackets, so fields are
// counted from the last bracket on, which field 3 follows.
std::optional<Stat> parse_stat(const std::string& text) {
    constexpr int parent_field = 4;
    constexpr int start_ticks_field = 22;
    const auto bracket = text.rfind(')');
    if (bracket == std::string::npos)
        return std::nullopt;
    std::istringstream fields(text.substr(bracket + 1));
    Stat stat{};
    std::string skipped;
    for (int field = 3; fields && field < start_ticks_field; ++field)
        field == parent_field ? fields >> stat.parent_pid : fields >> skipped;
    return fields >> stat.start_ticks ? std::optional(stat) : std::nullopt;
}

std::optional<std::int64_t> parse_uid(const std::string& status) {
    const auto line = status.find("\nUid:");
    long long uid = 0;
    if (line == std::string::npos || std::sscanf(status.c_str() + line, "\nUid: %lld", &uid) != 1)
        return std::nullopt;
    return uid;
}

bool started_at(const Stat& stat, std::uint64_t start_boottime_ns) {
    const auto ticks_per_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
    return stat.start_ticks == start_boottime_ns / (1'000'000'000 / ticks_per_second);
}

std::string joined_arguments(std::string cmdline) {
    while (!cmdline.empty() && cmdline.back() == '\0')
        cmdline.pop_back();
    std::replace(cmdline.begin(), cmdline.end(), '\0', ' ');
    return cmdline;
}

void read_program(int directory, ProcessRow& row) {
    if (read_file(directory, "comm") != comm_of(row.owner) + "\n")
        return;
    row.exe = read_link(directory, "exe");
    row.cmdline = joined_arguments(read_file(directory, "cmdline"));
}

} // namespace

std::string comm_of(const ctrack_owner& owner) {
    return {owner.comm, strnlen(owner.comm, sizeof owner.comm)};
}

bool OwnerEqual::operator()(const ctrack_owner& a, const ctrack_owner& b) const {
    return a.pid == b.pid && a.start_boottime_ns == b.start_boottime_ns &&
           std::strncmp(a.comm, b.comm, sizeof a.comm) == 0;
}

std::size_t OwnerHash::operator()(const ctrack_owner& owner) const {
    return std::hash<std::uint64_t>{}(owner.start_boottime_ns ^ owner.pid);
}

ProcessRow read_process(const ctrack_owner& owner, const std::string& proc_root) {
    ProcessRow row{owner, {}, {}, {}, {}};
    const auto path = fmt::format("{}/{}", proc_root, owner.pid);
    const FileDescriptor directory(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid())
        return row;
    const auto stat = parse_stat(read_file(directory.get(), "stat"));
    if (!stat || !started_at(*stat, owner.start_boottime_ns))
        return row;
    row.parent_pid = stat->parent_pid;
    row.uid = parse_uid(read_file(directory.get(), "status"));
    read_program(directory.get(), row);
    return row;
}

void ProcessReader::observe(const ctrack_process& process, std::vector<ProcessRow>& rows) {
    rows.push_back({process.owner, std::nullopt,
                    joined_arguments({process.arguments, process.arguments_bytes}), process.uid,
                    process.parent_pid});
    observe(process.owner, rows);
}

void ProcessReader::observe(const ctrack_owner& owner, std::vector<ProcessRow>& rows) {
    if (owner.pid == 0)
        return;
    if (seen_.size() >= most_processes)
        seen_.clear();
    if (seen_.insert(owner).second)
        rows.push_back(read_process(owner));
}

} // namespace ctrack
