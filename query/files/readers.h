// SPDX-License-Identifier: Apache-2.0
//
// Who may read a file that is made of others: nobody who might not read all of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace ctrack::query {

struct Readers {
    mode_t mode;                ///< what all of the files allow to group and others, and our umask
    std::optional<gid_t> group; ///< that of all of them, if it is one
};

/// As the files have it. Files that are gone by now count as if they allowed nothing.
Readers readers_of(const std::vector<std::string>& files);

/// Lets them read an open file of our own, which nobody else could until now. A group that cannot
/// be given, as it is not one of ours, is left out; a file system that knows no modes leaves it at
/// that.
void let_read(int descriptor, const Readers& readers);

} // namespace ctrack::query
