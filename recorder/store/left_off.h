// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <SQLiteCpp/Database.h>

#include "recorder/fold/left_off.h"

namespace ctrack {

/// What the recordings of this boot in the file tell of connections that were open at their end:
/// the counters in their rows and, as a recorder that was killed could not bring these up to date,
/// its newer intervals. They are at most 262,144, which take 30 MiB until they are met or dropped.
/// Throws SQLite::Exception.
LeftOffs read_left_off(SQLite::Database& db, const std::string& boot_id, std::int64_t recording_id);

} // namespace ctrack
