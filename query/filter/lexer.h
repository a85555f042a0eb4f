// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ctrack::query::filter {

struct Token {
    enum class Kind { word, quoted, symbol, end };

    Kind kind;
    std::string text;     ///< of a quoted one without its quotes
    std::size_t position; ///< where it begins, in bytes
};

/// Cuts a filter into words, quoted texts ("..." or '...') and the symbols
/// ( ) [ ] , = == != < <= > >= ~ !~ ! && ||; the last token is the end. Throws
/// UsageError for a quote that is not closed and for a single & or |.
std::vector<Token> tokens_of(std::string_view text);

/// Throws the UsageError of a filter: where it is wrong, and how.
[[noreturn]] void fail_at(std::string_view text, std::size_t position, std::string_view problem);

} // namespace ctrack::query::filter
