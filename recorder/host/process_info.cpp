// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/process_info.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/file_descriptor.h"

namespace ctrack {

namespace {

constexpr std::size_t most_processes = 65'536;
constexpr std::size_t most_programs = 4096;
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
    std::uint64_t stack_start;
};

// Parses /proc/PID/stat. The name in brackets may hold anything, even brackets, so fields are
// counted from the last bracket on, which field 3 follows.
std::optional<Stat> parse_stat(const std::string& text) {
    constexpr int parent_field = 4;
    constexpr int start_ticks_field = 22;
    constexpr int stack_start_field = 28;
    const auto bracket = text.rfind(')');
    if (bracket == std::string::npos)
        return std::nullopt;
    std::istringstream rest(text.substr(bracket + 1));
    const std::vector<std::string> fields(std::istream_iterator<std::string>(rest), {});
    if (fields.size() <= stack_start_field - 3)
        return std::nullopt;
    const auto number = [&](int field) {
        return std::strtoull(fields[static_cast<std::size_t>(field - 3)].c_str(), nullptr, 10);
    };
    return Stat{static_cast<std::int64_t>(number(parent_field)), number(start_ticks_field),
                number(stack_start_field)};
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

// A directory of proc_root and what its file stat says, if it is still that of the process.
struct Found {
    FileDescriptor directory;
    Stat stat;
};

std::optional<Found> find_process(std::uint32_t pid, std::uint64_t start_boottime_ns,
                                  const std::string& proc_root) {
    const auto path = fmt::format("{}/{}", proc_root, pid);
    FileDescriptor directory(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid())
        return std::nullopt;
    const auto stat = parse_stat(read_file(directory.get(), "stat"));
    if (!stat || !started_at(*stat, start_boottime_ns))
        return std::nullopt;
    return Found{std::move(directory), *stat};
}

Program read_program(int directory) {
    return {read_link(directory, "exe"), joined_arguments(read_file(directory, "cmdline"))};
}

// What the kernel's record holds of the command line is cut short. The whole one must begin with
// it, or the process has written over it since.
std::string whole_cmdline(const ctrack_process& process, const std::string& read) {
    const std::string told = joined_arguments({process.arguments, process.arguments_bytes});
    const bool is_cut = process.arguments_bytes == sizeof process.arguments;
    return told.empty() || (is_cut && read.starts_with(told)) ? read : told;
}

std::optional<std::string> not_empty(std::string text) {
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

// The name of the owner as it is, which ends at the first zero byte.
std::string comm_of(const ctrack_owner& owner) {
    return {owner.comm, strnlen(owner.comm, sizeof owner.comm)};
}

} // namespace

bool OwnerEqual::operator()(const ctrack_owner& a, const ctrack_owner& b) const {
    return a.pid == b.pid && a.start_boottime_ns == b.start_boottime_ns && a.exec_id == b.exec_id &&
           std::strncmp(a.comm, b.comm, sizeof a.comm) == 0;
}

std::size_t OwnerHash::operator()(const ctrack_owner& owner) const {
    return std::hash<std::uint64_t>{}(owner.start_boottime_ns ^ owner.pid);
}

ProcessRow read_process(const ctrack_owner& owner, const std::string& proc_root) {
    ProcessRow row{owner, {}, {}, {}, {}};
    const auto found = find_process(owner.pid, owner.start_boottime_ns, proc_root);
    if (!found)
        return row;
    const int directory = found->directory.get();
    row.parent_pid = found->stat.parent_pid;
    row.uid = parse_uid(read_file(directory, "status"));
    if (read_file(directory, "comm") != comm_of(owner) + "\n")
        return row;
    const Program program = read_program(directory);
    row.exe = program.exe;
    row.cmdline = not_empty(program.cmdline); // it is empty while a process ends
    return row;
}

// The stack is looked at again after the reading, because exec() may come at any time.
std::optional<Program> read_program(std::uint32_t pid, std::uint64_t start_boottime_ns,
                                    std::uint64_t stack_start, const std::string& proc_root) {
    const auto has_stack = [&](const std::optional<Stat>& stat) {
        return stat && stack_start != 0 && stat->stack_start == stack_start;
    };
    const auto found = find_process(pid, start_boottime_ns, proc_root);
    if (!found || !has_stack(found->stat))
        return std::nullopt;
    const int directory = found->directory.get();
    Program program = read_program(directory);
    return has_stack(parse_stat(read_file(directory, "stat"))) ? std::optional(program)
                                                               : std::nullopt;
}

ProcessReader::ProgramKey ProcessReader::key_of(const ctrack_owner& owner) {
    return {owner.pid, owner.start_boottime_ns, owner.exec_id};
}

void ProcessReader::remember(const ctrack_owner& owner, const Program& program) {
    if (!program.exe && program.cmdline.empty())
        return;
    if (programs_.size() >= most_programs)
        programs_.clear();
    programs_[key_of(owner)] = program;
}

std::optional<Program> ProcessReader::recall(const ProgramKey& key) const {
    const auto known = programs_.find(key);
    return known == programs_.end() ? std::nullopt : std::optional(known->second);
}

std::optional<Program> ProcessReader::read(const ctrack_process& process) const {
    return read_program(process.owner.pid, process.owner.start_boottime_ns, process.stack_start,
                        proc_root_);
}

std::optional<Program> ProcessReader::program_of_parent(const ctrack_process& process) const {
    if (!process.is_fork)
        return std::nullopt;
    const ProgramKey key{process.parent_pid, process.parent_start_boottime_ns,
                         process.owner.exec_id};
    if (auto known = recall(key))
        return known;
    return read_program(process.parent_pid, process.parent_start_boottime_ns, process.stack_start,
                        proc_root_);
}

bool ProcessReader::is_new(const ctrack_owner& owner) {
    if (seen_.size() >= most_processes)
        seen_.clear();
    return seen_.insert(owner).second;
}

void ProcessReader::note(const ctrack_process& process) {
    const Program program = read(process).value_or(Program{});
    remember(process.owner, {program.exe, whole_cmdline(process, program.cmdline)});
}

void ProcessReader::observe(const ctrack_process& process, std::vector<ProcessRow>& rows) {
    const bool is_first = is_new(process.owner);
    Program program = recall(key_of(process.owner)).value_or(Program{});
    if (!program.exe && is_first)
        program = read(process).value_or(program);
    if (!program.exe)
        program = program_of_parent(process).value_or(program);
    program.cmdline = whole_cmdline(process, program.cmdline);
    rows.push_back(
        {process.owner, program.exe, not_empty(program.cmdline), process.uid, process.parent_pid});
    remember(process.owner, program);
}

void ProcessReader::observe(const ctrack_owner& owner, std::vector<ProcessRow>& rows) {
    if (owner.pid == 0 || !is_new(owner))
        return;
    rows.push_back(read_process(owner, proc_root_));
    remember(owner, {rows.back().exe, rows.back().cmdline.value_or("")});
}

} // namespace ctrack
