// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/cgroup.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <fmt/format.h>
#include <libmount/libmount.h>

#include "common/error.h"

namespace ctrack {

namespace fs = std::filesystem;

namespace {

using MountTable = std::unique_ptr<libmnt_table, decltype(&mnt_unref_table)>;
using MountIterator = std::unique_ptr<libmnt_iter, decltype(&mnt_free_iter)>;

bool is_cgroup2(libmnt_fs* fs) {
    const char* type = mnt_fs_get_fstype(fs);
    return type && mnt_fs_get_root(fs) && std::strcmp(type, "cgroup2") == 0;
}

// mountinfo tells what of the hierarchy a mount shows as seen from the reader's cgroup namespace:
// of a container, "/" is its own part, and "/../.." is two levels above. nullopt for a part beside
// or below.
std::optional<std::size_t> levels_above(std::string_view shown) {
    std::size_t levels = 0;
    for (; shown.starts_with("/.."); shown.remove_prefix(3))
        ++levels;
    return shown.empty() || shown == "/" ? std::optional(levels) : std::nullopt;
}

constexpr std::size_t most_cgroups = 65'536;
constexpr nlink_t links_without_children = 2; // its own name and its "."
constexpr int container_id_digits = 64;

// The kinds of units that have cgroups, beside slices (man systemd.unit).
constexpr std::array<std::string_view, 5> unit_suffixes{".service", ".scope", ".socket", ".mount",
                                                        ".swap"};

// A walk over a thousand cgroups takes 2 ms. After each the recorder does other things for so many
// times as long, so that a host where cgroups come and go by the second leaves time for the rings.
constexpr int walk_pause = 20;

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool has_suffix(std::string_view name, std::string_view suffix) {
    return name.size() > suffix.size() && name.ends_with(suffix);
}

bool is_slice(std::string_view name) { return has_suffix(name, ".slice"); }

bool is_unit(std::string_view name) {
    return std::ranges::any_of(unit_suffixes,
                               [&](auto suffix) { return has_suffix(name, suffix); });
}

// systemd puts an underscore before names that the cgroup's own files could have, as in
// _cpu.service.
std::string unescaped(const std::string& name) {
    return name.starts_with('_') ? name.substr(1) : name;
}

struct Unit {
    std::string slice, name;
};

// Takes slices, and the unit that they lead to, off the front of a path.
Unit take_unit(fs::path::iterator& name, const fs::path::iterator& end) {
    Unit unit;
    for (; name != end && is_slice(name->native()); ++name)
        unit.slice = unescaped(*name);
    if (name == end || !is_unit(name->native()))
        return unit;
    unit.name = unescaped(*name);
    ++name;
    return unit;
}

bool is_user_manager(std::string_view unit) {
    return unit.starts_with("user@") && unit.ends_with(".service");
}

std::string container_id_of(std::string_view path) {
    for (auto begin = path.begin(); begin != path.end();) {
        begin = std::find_if(begin, path.end(), is_lower_hex);
        const auto end = std::find_if_not(begin, path.end(), is_lower_hex);
        if (end - begin == container_id_digits)
            return {begin, end};
        begin = end;
    }
    return {};
}

// Fills in the paths, from the root on, of those of these cgroups that there are. Most cgroups have
// none below them; the links of their directories tell that, so that these are not read.
void find_paths(const std::string& root, std::unordered_map<std::uint64_t, std::string>& paths) {
    std::vector<std::string> parents;
    const auto note = [&](const std::string& path) {
        struct stat status {};
        if (stat((root + path).c_str(), &status) != 0)
            return;
        if (const auto wanted = paths.find(status.st_ino); wanted != paths.end())
            wanted->second = path.empty() ? "/" : path;
        if (status.st_nlink > links_without_children)
            parents.push_back(path);
    };
    note("");
    while (!parents.empty()) {
        const std::string parent = std::move(parents.back());
        parents.pop_back();
        std::error_code gone;
        for (fs::directory_iterator entry(root + parent, gone), end; !gone && entry != end;
             entry.increment(gone))
            if (entry->is_directory(gone))
                note(parent + "/" + entry->path().filename().native());
    }
}

} // namespace

std::optional<std::string> find_cgroup2_root(const std::string& mountinfo) {
    const MountTable table(mnt_new_table_from_file(mountinfo.c_str()), &mnt_unref_table);
    if (!table)
        throw Error(fmt::format("cannot read {}: {}", mountinfo, std::strerror(errno)));
    const MountIterator it(mnt_new_iter(MNT_ITER_FORWARD), &mnt_free_iter);
    std::optional<std::size_t> highest;
    std::optional<std::string> directory;
    libmnt_fs* fs = nullptr;
    while (mnt_table_next_fs(table.get(), it.get(), &fs) == 0)
        if (const auto levels = is_cgroup2(fs) ? levels_above(mnt_fs_get_root(fs)) : std::nullopt;
            levels > highest) {
            highest = levels;
            directory = mnt_fs_get_target(fs);
        }
    return directory;
}

FileDescriptor open_cgroup(const std::string& directory) {
    FileDescriptor fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid())
        throw Error(fmt::format("cannot open the cgroup {}: {}", directory, std::strerror(errno)));
    struct statfs fs;
    if (fstatfs(fd.get(), &fs) != 0 || fs.f_type != CGROUP2_SUPER_MAGIC)
        throw Error(fmt::format("{} is not in a cgroup2 hierarchy: see the cgroup2 line of "
                                "/proc/self/mountinfo",
                                directory));
    return fd;
}

Place place_of(const std::string& path) {
    const fs::path names = fs::path(path).relative_path();
    auto name = names.begin();
    const Unit unit = take_unit(name, names.end());
    Place place{.container_id = {},
                .systemd_unit = unit.name,
                .systemd_slice = unit.slice,
                .systemd_user_unit = {}};
    if (is_user_manager(unit.name))
        place.systemd_user_unit = take_unit(name, names.end()).name;
    else
        place.container_id = container_id_of(path);
    return place;
}

CgroupReader::CgroupReader(std::string root) : root_(std::move(root)) { open_cgroup(root_); }

void CgroupReader::observe(std::uint64_t kernel_id) {
    if (kernel_id == 0)
        return;
    if (seen_.size() >= most_cgroups)
        seen_.clear();
    if (!seen_.insert(kernel_id).second)
        return;
    unnamed_.push_back({kernel_id, std::nullopt});
    if (Clock::now() >= next_walk_)
        walk();
}

std::vector<CgroupRow> CgroupReader::take() {
    if (!unnamed_.empty())
        walk();
    return std::exchange(named_, {});
}

// The id of a cgroup is the inode number of its directory. To open a directory by that number
// would take CAP_DAC_READ_SEARCH, which reads every file of the host.
void CgroupReader::walk() {
    const auto began = Clock::now();
    std::unordered_map<std::uint64_t, std::string> paths;
    for (const CgroupRow& row : unnamed_)
        paths.try_emplace(row.kernel_id);
    find_paths(root_, paths);
    for (CgroupRow& row : unnamed_)
        if (std::string& path = paths[row.kernel_id]; !path.empty())
            row.path = std::move(path);
    std::ranges::move(std::exchange(unnamed_, {}), std::back_inserter(named_));
    const auto ended = Clock::now();
    next_walk_ = ended + walk_pause * (ended - began);
}

} // namespace ctrack
