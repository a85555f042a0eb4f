// SPDX-License-Identifier: Apache-2.0
#include "query/filter/lexer.h"

#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>

#include "query/base/usage_error.h"

namespace ctrack::query::filter {

namespace {

// Blanks, and a token in "..." or '...', an end as [::1]:80, a symbol or a word. Longer symbols
// stand first, because the first one that fits is taken.
constexpr auto token_pattern =
    R"re([ \t\r\n]*(?:("[^"]*"|'[^']*')|(\[[0-9A-Fa-f:.]+(?:%[^\] ]+)?\]:\d+)|)re"
    R"re((&&|\|\||==|!=|<=|>=|!~|[()\[\],=<>~!])|([^ \t\r\n()\[\],=!<>~&|"']+)))re";

// What is wrong where no token begins.
std::string problem_with(char c) {
    if (c == '"' || c == '\'')
        return fmt::format("the {} is not closed", c);
    return fmt::format("found '{0}', expected '{0}{0}'; quote a text that holds it", c);
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
    static const RE2 pattern(token_pattern, RE2::Latin1); // takes any byte
    static const RE2 blanks(R"([ \t\r\n]*)");
    re2::StringPiece rest(text.data(), text.size());
    const auto position = [&] { return text.size() - rest.size(); };
    std::vector<Token> tokens;
    std::string quoted, end, symbol, word;
    while (RE2::Consume(&rest, pattern, &quoted, &end, &symbol, &word)) {
        word += end;
        const auto size = quoted.size() + symbol.size() + word.size();
        const auto begin = position() - size;
        if (!quoted.empty())
            tokens.push_back({Token::Kind::quoted, quoted.substr(1, size - 2), begin});
        else if (!symbol.empty())
            tokens.push_back({Token::Kind::symbol, symbol, begin});
        else
            tokens.push_back({Token::Kind::word, word, begin});
    }
    RE2::Consume(&rest, blanks);
    if (!rest.empty())
        fail_at(text, position(), problem_with(rest[0]));
    tokens.push_back({Token::Kind::end, "", text.size()});
    return tokens;
}

void fail_at(std::string_view text, std::size_t position, std::string_view problem) {
    throw UsageError(fmt::format("bad filter '{}' at character {}: {}", text,
                                 character_at(text, position), problem));
}

} // namespace ctrack::query::filter
