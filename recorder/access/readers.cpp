// SPDX-License-Identifier: Apache-2.0
#include "recorder/access/readers.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ctrack {

// Who belongs to a group may give it the files that he owns.
std::optional<gid_t> join_readers() {
    const group* readers = geteuid() == 0 ? getgrnam("ctrack") : nullptr;
    if (!readers)
        return std::nullopt;
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(getgroups(0, nullptr), 0)));
    getgroups(static_cast<int>(groups.size()), groups.data());
    groups.push_back(readers->gr_gid);
    if (setgroups(groups.size(), groups.data()) != 0)
        return std::nullopt;
    return readers->gr_gid;
}

// Another group is one that somebody has chosen. If it cannot be given, the file is root's alone,
// as it is where there is no such group.
void give_to_readers(const std::string& path, gid_t readers) {
    struct stat status {};
    if (lstat(path.c_str(), &status) == 0 && status.st_uid == 0 && status.st_gid == 0)
        (void)!fchownat(AT_FDCWD, path.c_str(), static_cast<uid_t>(-1), readers,
                        AT_SYMLINK_NOFOLLOW);
}

bool is_of_service(const std::string& path) {
    const passwd* service = getpwnam("ctrack");
    struct stat status {};
    const bool is_there = stat(path.c_str(), &status) == 0 ||
                          stat(std::filesystem::path(path).parent_path().c_str(), &status) == 0;
    return service && is_there && status.st_uid == service->pw_uid && geteuid() != service->pw_uid;
}

} // namespace ctrack
