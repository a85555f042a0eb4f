// SPDX-License-Identifier: Apache-2.0
//
// Whoever can write to a folder can put another file in the place of one in it. So the recorder
// uses a file only if all folders on the way to it, and all links that it goes through, belong to
// somebody whom it trusts: root, the user that it runs as and, if root runs it by sudo, who called
// sudo. None of these folders may others be able to write to, with one exception: in a folder with
// the sticky bit, such as /tmp, nobody can replace what belongs to another.
#pragma once

#include <string>

#include <sys/types.h>

namespace ctrack {

bool is_trusted_user(uid_t user);

/// Whether a group may be able to write to a folder, or to a file that the recorder obeys.
bool is_trusted_group(gid_t group);

/// Why somebody else could replace the file, which need not be there yet; empty if nobody could. It
/// calls the file "it", and folders and links by their names.
std::string fault_on_way_to(const std::string& path);

} // namespace ctrack
