// SPDX-License-Identifier: Apache-2.0
//
// A damaged file is kept under another name.
#pragma once

#include <string>

namespace ctrack {

/// Whether a file that SQLite cannot use was a ctrack file once. That is so if its beginning
/// still has the header or the text of the schema.
bool was_ctrack_file(const std::string& path);

/// Whether a file is empty although its write-ahead log is not, so that it must have lost its
/// content. SQLite would delete the log when it opens such a file.
bool is_emptied(const std::string& path);

/// Renames a file that nobody has open to FILE.WORD-YYYYmmddTHHMMSS (UTC), or with -2 and so on
/// after that if the name is taken, and its log along with it. Returns the new name; empty if there
/// was nothing. It never overwrites another file. Throws Error.
std::string set_aside(const std::string& path, const char* word);

/// Removes an empty log that is left at the path of a file that was moved or deleted. SQLite leaves
/// it there, and would take it for that of a new file.
void remove_emptied_log(const std::string& path);

/// Whether a log that holds something is beside the file.
bool has_log(const std::string& path);

/// Moves the log along with a file that was moved. Returns whether that could be done.
bool move_log(const std::string& from, const std::string& to);

} // namespace ctrack
