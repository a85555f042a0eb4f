// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a damaged file: it is kept, under another name.
#pragma once

#include <string>

namespace ctrack {

/// Whether a file that SQLite cannot use was a ctrack file once: its header or the text of
/// its schema, at its beginning, is still there.
bool was_ctrack_file(const std::string& path);

/// Whether a file has lost all it had: it is empty, but its write-ahead log is not. SQLite
/// would throw the log away.
bool is_emptied(const std::string& path);

/// Renames a file that nobody has open to FILE.corrupt-YYYYmmddTHHMMSS (UTC), together with
/// what belongs to it. Returns the new name. Throws Error; nothing is ever overwritten.
std::string set_aside(const std::string& path);

} // namespace ctrack
