// SPDX-License-Identifier: Apache-2.0
//
// Names, paths and arguments may hold any bytes. Most programs that read SQLite files want valid
// UTF-8 and stop at anything else, so such texts are stored in a form that can be undone.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace ctrack {

/// The text as it is stored. Each byte that is no part of valid UTF-8, and each zero byte, becomes
/// \xHH, such as \xd0 or \x00. So that this can be undone, a backslash becomes \x5c where one of
/// the codes x00, x5c and x80 to xff follows it. All other text stays as it is; so do the \x2d and
/// the like that systemd writes.
std::string stored_text(std::string_view text);

/// A name of the kernel's in that form. It ends with a zero byte, if it does not fill its place.
template <std::size_t size> std::string stored_name(const char (&place)[size]) {
    return stored_text({place, strnlen(place, size)});
}

/// Whether the text is valid UTF-8 without a zero byte, as all stored texts are.
bool is_utf8(std::string_view text);

} // namespace ctrack
