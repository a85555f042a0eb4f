// SPDX-License-Identifier: Apache-2.0
#include "recorder/checks/limit_checks.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include <sys/resource.h>

#include <fmt/format.h>

namespace ctrack {

namespace {

constexpr std::uint64_t mib = 1 << 20;

// Slots take 2 MiB, and the other maps of the programs less. The most that the recorder itself
// takes: a batch that waits and the one after it, 63 MiB each, programs of owners, 32 MiB, and
// owners that were seen, 4 MiB, beside the code and what SQLite remembers of the file, some 16 MiB.
constexpr std::uint64_t most_besides_rings = (4 + 2 * 63 + 32 + 4 + 16) * mib;

constexpr const char* mend = "raise the limit (MemoryMax=), or give a smaller --ring-size";

// With less than this and the rings, cgroup v1 kills the recorder when it starts, and cgroup2
// refuses the rings.
constexpr std::uint64_t least_besides_rings = 8 * mib;

// SQLite's file, log, its index and temporary files; /proc and namespaces, one at a time.
constexpr std::uint64_t files_opened_later = 16;

} // namespace

Check check_memory(const Memory& memory) {
    const std::uint64_t most = memory.ring_bytes + most_besides_rings;
    const std::uint64_t room = std::min(memory.limit.value_or(UINT64_MAX),
                                        memory.available ? memory.available : UINT64_MAX);
    const std::string found = fmt::format(
        "{} MiB for rings, in a storm {} MiB in all; {}", memory.ring_bytes / mib, most / mib,
        memory.limit ? fmt::format("the cgroup's limit is {} MiB", *memory.limit / mib)
                     : fmt::format("{} MiB are free", memory.available / mib));
    if (room >= most)
        return {"memory", State::ok, found};
    if (memory.limit.value_or(UINT64_MAX) < memory.ring_bytes + least_besides_rings)
        return {"memory", State::fails, found, "nothing can be recorded", mend};
    return {"memory", State::less, found,
            "in a storm the kernel may kill the recorder, and what it has not yet written is lost",
            mend};
}

Check check_open_files() {
    namespace fs = std::filesystem;
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    std::error_code ignored;
    const auto open = static_cast<std::uint64_t>(
        std::distance(fs::directory_iterator("/proc/self/fd", ignored), fs::directory_iterator()));
    const std::string found = fmt::format("{} of at most {}", open, limit.rlim_cur);
    if (open + files_opened_later <= limit.rlim_cur)
        return {"open files", State::ok, found};
    return {"open files", State::less, found,
            "the file may fail to be written, and network namespaces to be entered",
            "raise the limit (LimitNOFILE=, ulimit -n)"};
}

} // namespace ctrack
