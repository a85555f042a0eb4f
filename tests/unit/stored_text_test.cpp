// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <string>
#include <string_view>

#include "common/stored_text.h"
#include "tests/catch.h"

using namespace ctrack;
using namespace std::string_literals;

namespace {

// Undoes stored_text() as docs/schema.md says: each code becomes its byte.
std::string undone(const std::string& stored) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < stored.size(); ++i) {
        const auto first = i + 3 < stored.size() ? digits.find(stored[i + 2]) : digits.npos;
        const auto second = i + 3 < stored.size() ? digits.find(stored[i + 3]) : digits.npos;
        const bool has_code =
            stored.compare(i, 2, "\\x") == 0 && first != digits.npos && second != digits.npos;
        const auto byte = has_code ? first * 16 + second : 1;
        const bool is_code = byte == 0 || byte == '\\' || byte >= 0x80;
        text += is_code ? static_cast<char>(byte) : stored[i];
        i += is_code ? 3 : 0;
    }
    return text;
}

} // namespace

TEST_CASE("stored text: what is UTF-8 stays as it is") {
    for (const std::string text : {"", "nginx: worker", "программа", "日本語 🦀", "a\tb\n\x7f",
                                   R"(C:\new\x2d\xC3\x41\\)", R"(dev-disk-by\x2duuid.swap)",
                                   "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\\", "\\x", "\\x8"})
        CHECK(stored_text(text) == text);
}

TEST_CASE("stored text: other bytes and zero bytes become codes") {
    CHECK(stored_text("\xd0\xb0\xd0") == "\xd0\xb0\\xd0"); // cut within a character
    CHECK(stored_text("a\0b"s) == R"(a\x00b)");
    CHECK(stored_text("\x80 \xff") == R"(\x80 \xff)");
    CHECK(stored_text("\xc0\xaf \xe0\x80\xaf") == R"(\xc0\xaf \xe0\x80\xaf)"); // overlong
    CHECK(stored_text("\xed\xa0\x80") == R"(\xed\xa0\x80)");                   // half of a pair
    CHECK(stored_text("\xf4\x90\x80\x80") == R"(\xf4\x90\x80\x80)");           // above U+10FFFF
}

TEST_CASE("stored text: a backslash becomes a code where a code seems to follow") {
    CHECK(stored_text(R"(\xd0)") == R"(\x5cxd0)");
    CHECK(stored_text(R"(\x5c \x00)") == R"(\x5cx5c \x5cx00)");
    CHECK(stored_text(R"(\\xd0)") == R"(\\x5cxd0)");
    CHECK(stored_text("\\\xd0") == R"(\\xd0)");
    CHECK(undone(R"(\\xd0)") == "\\\xd0");
}

TEST_CASE("stored text: is UTF-8 and can be undone, whatever the text is") {
    std::mt19937 random(7);
    const std::string likely = "\\\\\\xx0058cdf\xd0\xb0\xed\xa0\x80\0"s;
    for (int i = 0; i < 200'000; ++i) {
        std::string text(random() % 12, ' ');
        for (char& c : text)
            c = random() % 4 ? likely[random() % likely.size()] : static_cast<char>(random());
        const std::string stored = stored_text(text);
        const bool is_right = is_utf8(stored) && undone(stored) == text &&
                              (stored == text || !is_utf8(text) || text.find('\\') != text.npos);
        if (!is_right)
            FAIL("not undone: " << stored);
    }
}

TEST_CASE("stored text: a name of the kernel's ends with its place or a zero byte") {
    CHECK(stored_name({'e', 't', 'h', '0', 0, 'x'}) == "eth0");
    CHECK(stored_name({'c', 'u', '\xd0'}) == R"(cu\xd0)");
}
