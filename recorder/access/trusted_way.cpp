// SPDX-License-Identifier: Apache-2.0
#include "recorder/access/trusted_way.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <optional>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace ctrack {

namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40; // as the kernel follows

// What sudo says of who called it. Only to root, as everybody else could say it himself.
std::optional<id_t> said_by_sudo(const char* name) {
    const char* text = geteuid() == 0 ? std::getenv(name) : nullptr;
    id_t id = 0;
    if (!text || std::from_chars(text, text + std::strlen(text), id).ec != std::errc())
        return std::nullopt;
    return id;
}

std::string fault_of(const fs::path& folder, const struct stat& status) {
    if (!is_trusted_user(status.st_uid))
        return fmt::format("the folder {} belongs to user {}, who could replace it",
                           folder.string(), status.st_uid);
    if (status.st_mode & S_ISVTX)
        return {};
    if (status.st_mode & S_IWOTH)
        return fmt::format("everybody can write to the folder {}, and so replace it",
                           folder.string());
    if ((status.st_mode & S_IWGRP) && !is_trusted_group(status.st_gid))
        return fmt::format("group {} can write to the folder {}, and so replace it", status.st_gid,
                           folder.string());
    return {};
}

// A way that is gone step by step.
class Way {
public:
    explicit Way(const fs::path& path) : rest_(path.begin(), path.end()) {}

    bool ends() const { return rest_.empty(); }

    /// Takes the next name of the way. Returns why somebody else could replace what it names.
    std::string step();

private:
    std::string enter(const fs::path& next);
    std::string follow(const fs::path& link, uid_t owner);

    fs::path done_ = "/";
    std::deque<fs::path> rest_;
    int links_ = 0;
};

std::string Way::step() {
    const fs::path name = rest_.front();
    rest_.pop_front();
    if (name == "..")
        done_ = done_.parent_path(); // what is done has no links any more
    else if (!name.empty() && name != "." && name != "/")
        return enter(done_ / name);
    return {};
}

std::string Way::enter(const fs::path& next) {
    struct stat status {};
    const bool is_there = lstat(next.c_str(), &status) == 0;
    if (is_there && S_ISLNK(status.st_mode))
        return follow(next, status.st_uid);
    if (is_there && S_ISDIR(status.st_mode)) {
        done_ = next;
        return fault_of(next, status);
    }
    rest_.clear();
    return {};
}

// What a link names is looked at like the way itself.
std::string Way::follow(const fs::path& link, uid_t owner) {
    if (!is_trusted_user(owner))
        return fmt::format("{} is a symbolic link of user {}", link.string(), owner);
    if (++links_ > most_links)
        return fmt::format("{} is one of too many symbolic links", link.string());
    std::error_code error;
    const fs::path target = fs::read_symlink(link, error);
    rest_.insert(rest_.begin(), target.begin(), target.end());
    if (target.is_absolute())
        done_ = "/";
    return {};
}

} // namespace

bool is_trusted_user(uid_t user) {
    return user == 0 || user == geteuid() || user == said_by_sudo("SUDO_UID");
}

// With one user for each group, that of who called sudo has nobody else.
bool is_trusted_group(gid_t group) { return group == 0 || group == said_by_sudo("SUDO_GID"); }

std::string fault_on_way_to(const std::string& path) {
    std::error_code error;
    const fs::path whole = fs::absolute(path, error);
    struct stat root {};
    if (error || stat("/", &root) != 0)
        return "the working directory is gone";
    std::string fault = fault_of("/", root);
    for (Way way(whole); fault.empty() && !way.ends();)
        fault = way.step();
    return fault;
}

} // namespace ctrack
