// SPDX-License-Identifier: Apache-2.0
//
// What /proc says of an owner.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_set>

#include "recorder/fold/batch.h"

namespace ctrack {

/// Reads what proc_root/PID says of the owner. Fields stay empty if the process has gone, or if its
/// pid belongs to another process now, which has another start time. The fields exe and cmdline
/// also stay empty if the process has executed another program since, which has another name.
ProcessRow read_process(const ctrack_owner& owner, const std::string& proc_root = "/proc");

/// What is known of a program that a process ran.
struct Program {
    std::optional<std::string> exe;
    std::string cmdline;
};

/// Reads the program of a process that has told where its stack begins. Each exec() gives the stack
/// another place, so nullopt says that the process has gone or runs another program by now.
std::optional<Program> read_program(std::uint32_t pid, std::uint64_t start_boottime_ns,
                                    std::uint64_t stack_start,
                                    const std::string& proc_root = "/proc");

/// These tell one owner from another by pid, start time, count of exec() and name.
struct OwnerEqual {
    bool operator()(const ctrack_owner& a, const ctrack_owner& b) const;
};
struct OwnerHash {
    std::size_t operator()(const ctrack_owner& owner) const;
};

/// Remembers which owners have been read.
class ProcessReader {
public:
    explicit ProcessReader(std::string proc_root = "/proc") : proc_root_(std::move(proc_root)) {}

    /// Appends the owner to rows when it is seen for the first time. Pid 0 is nobody.
    void observe(const ctrack_owner& owner, std::vector<ProcessRow>& rows);

    /// Appends what a process told of itself, and what /proc adds if the process still exists. One
    /// that has gone, and ran the program of its parent, has the parent's exe.
    void observe(const ctrack_process& process, std::vector<ProcessRow>& rows);

    /// Remembers the program that a process has just executed, in case it becomes an owner.
    void note(const ctrack_process& process);

private:
    /// Pid, start and exec_id.
    using ProgramKey = std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>;

    static ProgramKey key_of(const ctrack_owner& owner);
    bool is_new(const ctrack_owner& owner);
    void remember(const ctrack_owner& owner, const Program& program);
    std::optional<Program> recall(const ProgramKey& key) const;
    std::optional<Program> read(const ctrack_process& process) const;
    std::optional<Program> program_of_parent(const ctrack_process& process) const;

    std::string proc_root_;
    std::unordered_set<ctrack_owner, OwnerHash, OwnerEqual>
        seen_;                               ///< emptied when it has 65,536 (4 MiB)
    std::map<ProgramKey, Program> programs_; ///< emptied when it has 4,096 (at most 32 MiB)
};

} // namespace ctrack
