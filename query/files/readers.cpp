// SPDX-License-Identifier: Apache-2.0
#include "query/files/readers.h"

#include <sys/stat.h>
#include <unistd.h>

namespace ctrack::query {

namespace {

constexpr mode_t of_owner = 0600;
constexpr mode_t of_group = 0060;
constexpr mode_t of_others = 0006;

mode_t current_umask() {
    const mode_t mask = umask(0);
    umask(mask);
    return mask;
}

} // namespace

Readers readers_of(const std::vector<std::string>& files) {
    Readers readers{of_group | of_others, std::nullopt};
    bool is_one_group = true;
    for (const auto& file : files) {
        struct stat status {};
        if (stat(file.c_str(), &status) != 0)
            return {of_owner, std::nullopt};
        readers.mode &= status.st_mode;
        is_one_group = is_one_group && readers.group.value_or(status.st_gid) == status.st_gid;
        readers.group = status.st_gid;
    }
    if (!is_one_group)
        readers.group.reset();
    readers.mode = of_owner | (readers.mode & ~current_umask());
    return readers;
}

void let_read(int descriptor, const Readers& readers) {
    const bool has_group =
        readers.group && fchown(descriptor, static_cast<uid_t>(-1), *readers.group) == 0;
    (void)!fchmod(descriptor, has_group ? readers.mode : readers.mode & ~of_group);
}

} // namespace ctrack::query
