// SPDX-License-Identifier: Apache-2.0
#include "query/filter/lexer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "query/base/usage_error.h"

namespace ctrack::query::filter {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view not_in_words = " \t\r\n()[],=!<>~&|\"'";

// Longer symbols stand first, because the first one that fits is taken.
constexpr std::array<std::string_view, 17> symbols{
    "&&", "||", "==", "!=", "<=", ">=", "!~", "(", ")", "[", "]", ",", "=", "<", ">", "~", "!"};

std::size_t symbol_size(std::string_view rest) {
    for (const auto symbol : symbols)
        if (rest.starts_with(symbol))
            return symbol.size();
    return 0;
}

// The position of the quote that closes the quote at `open`.
std::size_t closing_quote(std::string_view text, std::size_t open) {
    const auto close = text.find(text[open], open + 1);
    if (close == std::string_view::npos)
        fail_at(text, open, fmt::format("the {} is not closed", text[open]));
    return close;
}

Token token_at(std::string_view text, std::size_t begin, std::size_t& next) {
    if (text[begin] == '"' || text[begin] == '\'') {
        const auto close = closing_quote(text, begin);
        next = close + 1;
        return {Token::Kind::quoted, std::string(text.substr(begin + 1, close - begin - 1)), begin};
    }
    if (const auto size = symbol_size(text.substr(begin)); size > 0) {
        next = begin + size;
        return {Token::Kind::symbol, std::string(text.substr(begin, size)), begin};
    }
    next = std::min(text.find_first_of(not_in_words, begin), text.size());
    if (next == begin)
        fail_at(
            text, begin,
            fmt::format("found '{0}', expected '{0}{0}'; quote a text that holds it", text[begin]));
    return {Token::Kind::word, std::string(text.substr(begin, next - begin)), begin};
}

// The position in characters, of which one in UTF-8 may be several bytes.
std::size_t character_at(std::string_view text, std::size_t position) {
    const auto before = text.substr(0, position);
    return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [](char c) {
               return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
           }));
}

} // namespace

std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    std::size_t next = 0;
    while ((next = text.find_first_not_of(blanks, next)) != std::string_view::npos)
        tokens.push_back(token_at(text, next, next));
    tokens.push_back({Token::Kind::end, "", text.size()});
    return tokens;
}

void fail_at(std::string_view text, std::size_t position, std::string_view problem) {
    throw UsageError(fmt::format("bad filter '{}' at character {}: {}", text,
                                 character_at(text, position), problem));
}

} // namespace ctrack::query::filter
