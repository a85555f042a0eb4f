// SPDX-License-Identifier: Apache-2.0
//
// The members of the group ctrack read what is recorded. The service makes files of this group,
// since it is the own one of its user. Where root starts the recorder by hand, it gives them to the
// group.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace ctrack {

/// The group ctrack, if there is one and root runs the recorder. From now on this process can give
/// it its files, also without any capability.
std::optional<gid_t> join_readers();

/// Gives a file or folder that belongs to root and its group to this one.
void give_to_readers(const std::string& path, gid_t readers);

/// Whether a file, or its folder where there is no such file, belongs to the user of the service,
/// and this is another one.
bool is_of_service(const std::string& path);

} // namespace ctrack
