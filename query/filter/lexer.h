// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ctrack::query::filter {

struct Token {
    enum class Kind { word, quoted, symbol, end };

    Kind kind;
    std::string text;     ///< has no quotes, even if the token is quoted
    std::size_t position; ///< is where the token begins, in bytes
};

/// Cuts a filter into words, quoted texts ("..." or '...') and the symbols
/// ( ) [ ] , = == != < <= > >= ~ !~ ! && ||; the last token is the end. Throws
/// UsageError for a quote that is not closed and for a single & or |.
std::vector<Token> tokens_of(std::string_view text);

/// Throws a UsageError that says where the filter is wrong, and how.
[[noreturn]] void fail_at(std::string_view text, std::size_t position, std::string_view problem);

} // namespace ctrack::query::filter
