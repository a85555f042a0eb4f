// SPDX-License-Identifier: Apache-2.0
#include "common/terminal_text.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

namespace ctrack {

namespace {

struct Range {
    char32_t first, last;
};

// From DerivedGeneralCategory.txt (Cc, Cf, Zl, Zp) and DerivedCoreProperties.txt
// (Default_Ignorable_Code_Point) of Unicode 15.0. A test holds it against Python's tables.
constexpr std::array unseen{
    Range{0x0000, 0x001F},   Range{0x007F, 0x009F},   Range{0x00AD, 0x00AD},
    Range{0x034F, 0x034F},   Range{0x0600, 0x0605},   Range{0x061C, 0x061C},
    Range{0x06DD, 0x06DD},   Range{0x070F, 0x070F},   Range{0x0890, 0x0891},
    Range{0x08E2, 0x08E2},   Range{0x115F, 0x1160},   Range{0x17B4, 0x17B5},
    Range{0x180B, 0x180F},   Range{0x200B, 0x200F},   Range{0x2028, 0x202E},
    Range{0x2060, 0x206F},   Range{0x3164, 0x3164},   Range{0xFE00, 0xFE0F},
    Range{0xFEFF, 0xFEFF},   Range{0xFFA0, 0xFFA0},   Range{0xFFF0, 0xFFFB},
    Range{0x110BD, 0x110BD}, Range{0x110CD, 0x110CD}, Range{0x13430, 0x1343F},
    Range{0x1BCA0, 0x1BCA3}, Range{0x1D173, 0x1D17A}, Range{0xE0000, 0xE0FFF},
};

// How many bytes a character has that begins with this one; 0 if none does.
std::size_t size_after(unsigned char first) {
    return first < 0x80   ? 1
           : first < 0xC2 ? 0
           : first < 0xE0 ? 2
           : first < 0xF0 ? 3
           : first < 0xF5 ? 4
                          : 0;
}

// Whether a code of so many bytes is in the shortest form, and no half of a pair of UTF-16.
bool is_allowed(char32_t code, std::size_t size) {
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    return code >= least.at(size) && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

std::string escaped(std::string_view text, std::string_view kept) {
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const auto character = first_character(text);
        text.remove_prefix(character.bytes.size());
        if (character.is_valid &&
            (!is_unseen(character.code) || kept.find(character.bytes) != std::string_view::npos))
            safe += character.bytes;
        else
            append_codes(safe, character.bytes);
    }
    return safe;
}

} // namespace

void append_codes(std::string& text, std::string_view bytes) {
    for (const unsigned char byte : bytes)
        fmt::format_to(std::back_inserter(text), "\\x{:02x}", byte);
}

Character first_character(std::string_view text) {
    const auto size = size_after(static_cast<unsigned char>(text[0]));
    if (size == 1)
        return {static_cast<unsigned char>(text[0]), text.substr(0, 1), true};
    const Character invalid{0, text.substr(0, 1), false};
    if (size == 0 || size > text.size())
        return invalid;
    char32_t code = static_cast<unsigned char>(text[0]) & (0xFFU >> (size + 1));
    for (const unsigned char byte : text.substr(1, size - 1)) {
        if ((byte & 0xC0U) != 0x80)
            return invalid;
        code = code << 6U | (byte & 0x3FU);
    }
    return is_allowed(code, size) ? Character{code, text.substr(0, size), true} : invalid;
}

bool is_unseen(char32_t code) {
    const auto* range = std::lower_bound(
        unseen.begin(), unseen.end(), code,
        [](const Range& candidate, char32_t wanted) { return candidate.last < wanted; });
    return range != unseen.end() && range->first <= code;
}

std::string one_line(std::string_view text) { return escaped(text, ""); }

std::string as_lines(std::string_view text) { return escaped(text, "\n\t"); }

} // namespace ctrack
