// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/memory_limit.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace ctrack {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t no_limit_in_v1 = 1ULL << 62; // v1 says "none" with a number just below 2^63

// "max" is no number, so that nothing is read.
std::optional<std::uint64_t> number_in(const fs::path& file) {
    std::ifstream text(file);
    std::uint64_t number = 0;
    return text >> number && number < no_limit_in_v1 ? std::optional(number) : std::nullopt;
}

// Of the group and of those above it.
std::optional<std::uint64_t> least_up_from(const fs::path& root, fs::path group, const char* file) {
    std::optional<std::uint64_t> least;
    for (bool is_root = false; !is_root; group = group.parent_path()) {
        is_root = !group.has_relative_path();
        const auto limit = number_in(root / group.relative_path() / file);
        if (limit && *limit < least.value_or(no_limit_in_v1))
            least = limit;
    }
    return least;
}

// A line is "number:controllers:path"; the number of cgroup2 is 0.
struct Line {
    std::string number, controllers, path;
};

bool next_line(std::istream& file, Line& line) {
    return std::getline(file, line.number, ':') && std::getline(file, line.controllers, ':') &&
           std::getline(file, line.path);
}

} // namespace

std::optional<std::uint64_t> memory_limit(const MemoryFiles& files) {
    std::ifstream groups(files.own_cgroups);
    std::optional<std::uint64_t> least;
    for (Line line; next_line(groups, line);) {
        std::optional<std::uint64_t> limit;
        if (line.number == "0" && !files.root_v2.empty())
            limit = least_up_from(files.root_v2, line.path, "memory.max");
        else if (line.controllers == "memory")
            limit = least_up_from(files.root_v1, line.path, "memory.limit_in_bytes");
        if (limit)
            least = std::min(*limit, least.value_or(*limit));
    }
    return least;
}

std::uint64_t memory_available() {
    std::ifstream file("/proc/meminfo");
    for (std::string word; file >> word;)
        if (std::uint64_t kib = 0; word == "MemAvailable:" && file >> kib)
            return kib << 10;
    return 0;
}

} // namespace ctrack
