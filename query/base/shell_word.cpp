// SPDX-License-Identifier: Apache-2.0
#include "query/base/shell_word.h"

#include <algorithm>

#include "query/base/replace_all.h"

namespace ctrack::query {

namespace {

// Bytes of UTF-8 beyond ASCII mean nothing to a shell.
bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c < 0 ||
           std::string_view("/._-+:,@%=").find(c) != std::string_view::npos;
}

} // namespace

std::string shell_word(std::string_view text) {
    std::string word(text);
    if (!word.empty() && std::ranges::all_of(word, is_plain))
        return word;
    replace_all(word, "'", "'\\''");
    return "'" + word + "'";
}

std::string shell_words(const std::vector<std::string>& texts, std::string_view separator) {
    std::string words;
    for (const auto& text : texts)
        words.append(words.empty() ? "" : separator).append(shell_word(text));
    return words;
}

} // namespace ctrack::query
