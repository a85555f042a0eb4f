// SPDX-License-Identifier: Apache-2.0
#include "common/stored_text.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "common/terminal_text.h"

namespace ctrack {

namespace {

bool is_plain(char c) { return c > 0 && c != '\\'; }

bool is_storable(const Character& character) { return character.is_valid && character.code != 0; }

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// Whether a reader would take the text for one that begins with \xHH as stored_text() makes it.
bool begins_with_code(std::string_view text) {
    if (text.size() < 4 || !text.starts_with("\\x"))
        return false;
    const auto code = text.substr(2, 2);
    const bool is_of_high_byte = code[0] >= '8' && is_hex(code[0]) && is_hex(code[1]);
    return is_of_high_byte || code == "00" || code == "5c";
}

} // namespace

std::string stored_text(std::string_view text) {
    if (std::ranges::all_of(text, is_plain))
        return std::string(text);
    std::string stored;
    while (!text.empty()) {
        const auto character = first_character(text);
        if (is_storable(character) && !begins_with_code(text))
            stored += character.bytes;
        else // is one byte
            fmt::format_to(std::back_inserter(stored), "\\x{:02x}",
                           static_cast<unsigned char>(text[0]));
        text.remove_prefix(character.bytes.size());
    }
    return stored;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto character = first_character(text);
        if (!is_storable(character))
            return false;
        text.remove_prefix(character.bytes.size());
    }
    return true;
}

} // namespace ctrack
