// SPDX-License-Identifier: Apache-2.0
//
// Text of others, as names and messages, may hold what moves a cursor, turns the direction of
// writing or cannot be seen. Both programs write it to a terminal or a log only through here.
#pragma once

#include <string>
#include <string_view>

namespace ctrack {

/// One character of UTF-8, or one byte that is none.
struct Character {
    char32_t code;
    std::string_view bytes;
    bool is_valid;
};

/// The character that `text`, which is not empty, begins with.
Character first_character(std::string_view text);

/// Whether a terminal would obey the character, or show nothing for it: those of the Unicode
/// categories Cc, Cf, Zl and Zp, and those with the property Default_Ignorable_Code_Point.
bool is_unseen(char32_t code);

/// Appends each byte as \xHH.
void append_codes(std::string& text, std::string_view bytes);

/// The text as one line: each byte of an unseen character, and each that is no UTF-8, becomes \xHH.
std::string one_line(std::string_view text);

/// The same, but ends of lines and tabs stay.
std::string as_lines(std::string_view text);

} // namespace ctrack
