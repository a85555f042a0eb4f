// SPDX-License-Identifier: Apache-2.0
#include "query/filter/parser.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "common/nearest.h"
#include "query/filter/lexer.h"
#include "query/filter/network.h"
#include "query/filter/numbers.h"
#include "query/filter/values.h"

namespace ctrack::query::filter {

namespace {

// How deep brackets and nots may be within each other. SQLite's parser has such a limit too, which
// condition.cpp describes.
constexpr int deepest = 20;

constexpr std::array<std::string_view, 5> comparisons{"<", "<=", ">", ">=", "~"};

// A word that stands for a whole test.
struct Word {
    std::string_view word, field, value;
};
constexpr std::array<Word, 4> words{{{"open", "outcome", "open"},
                                     {"failed", "outcome", "failed"},
                                     {"ipv4", "family", "4"},
                                     {"ipv6", "family", "6"}}};

// What a value without a field probably stands for.
std::string test_meant_by(const std::string& value) {
    const bool is_address = parse_network(value.substr(0, value.find('%'))) || is_one_end(value);
    return fmt::format("'{} {}'",
                       is_address             ? "address"
                       : parse_integer(value) ? "port"
                                              : "comm",
                       value);
}

class Parser {
public:
    Parser(std::string_view text, std::int64_t now_us)
        : text_(text), now_us_(now_us), tokens_(tokens_of(text)) {}

    Condition filter() {
        auto whole = alternatives();
        if (!at_end())
            fail(fmt::format("found {}, expected 'and', 'or' or the end", found()));
        if (whole.tests > most_tests)
            fail(fmt::format("more than {} tests", most_tests));
        return whole;
    }

private:
    const Token& token() const { return tokens_[next_]; }
    bool at_end() const { return token().kind == Token::Kind::end; }
    bool at_word() const { return token().kind == Token::Kind::word; }
    bool at_value() const { return at_word() || token().kind == Token::Kind::quoted; }

    std::string found() const { return at_end() ? "the end" : fmt::format("'{}'", token().text); }

    [[noreturn]] void fail(const std::string& problem) const {
        fail_at(text_, token().position, problem);
    }

    bool at_symbol(std::string_view symbol) const {
        return token().kind == Token::Kind::symbol && token().text == symbol;
    }
    bool take_symbol(std::string_view symbol) {
        const bool is_there = at_symbol(symbol);
        next_ += is_there ? 1 : 0;
        return is_there;
    }

    // Takes the word in either case, as SQL does.
    bool take_word(std::string_view lower, std::string_view upper) {
        const bool is_there = at_word() && (token().text == lower || token().text == upper);
        next_ += is_there ? 1 : 0;
        return is_there;
    }

    bool take_or() { return take_word("or", "OR") || take_symbol("||"); }
    bool take_and() { return take_word("and", "AND") || take_symbol("&&"); }
    bool take_not() { return take_word("not", "NOT") || take_symbol("!"); }

    Condition alternatives();
    Condition conjunction();
    Condition term();
    Condition bracket();
    Condition test();
    std::optional<Condition> whole_word();
    const Field& field();
    Condition compared(const Field& field);
    Condition listed(const Field& field);
    std::string take_number_before_unit(const Field& field);
    Condition value(const Field& field, std::string_view symbol);

    std::string_view text_;
    std::int64_t now_us_;
    std::vector<Token> tokens_;
    std::size_t next_ = 0;
    int depth_ = 0;
};

Condition Parser::alternatives() {
    std::vector<Condition> parts;
    do
        parts.push_back(conjunction());
    while (take_or());
    return any_of(parts);
}

Condition Parser::conjunction() {
    std::vector<Condition> parts;
    do
        parts.push_back(term());
    while (take_and());
    return all_of(parts);
}

Condition Parser::term() {
    if (++depth_ > deepest)
        fail(fmt::format("more than {} brackets within each other", deepest));
    auto inner = take_not() ? negation_of(term()) : take_symbol("(") ? bracket() : test();
    --depth_;
    return inner;
}

Condition Parser::bracket() {
    auto inner = alternatives();
    if (!take_symbol(")"))
        fail(fmt::format("found {}, expected ')', 'and' or 'or'", found()));
    return inner;
}

std::optional<Condition> Parser::whole_word() {
    for (const auto& [word, name, text] : words)
        if (take_word(word, word))
            return equality(filter::field(name), {std::string(text), false, now_us_});
    return std::nullopt;
}

Condition Parser::test() {
    if (auto word = whole_word())
        return *word;
    const auto& tested = field();
    return compared(tested);
}

// Takes the name of a field, which is one word, or two as in "peer port".
const Field& Parser::field() {
    const auto& name = token().text;
    if (at_word()) {
        const auto* both = find_field(name + " " + tokens_[next_ + 1].text);
        if (const auto* found = both != nullptr ? both : find_field(name);
            found != nullptr && found->type != Type::flag) {
            next_ += both != nullptr ? 2 : 1;
            return *found;
        }
    }
    auto guess = nearest(name, field_names());
    if (guess.empty() && at_value() && tokens_.size() == 2) // the word, and the end
        guess = test_meant_by(name);
    fail(fmt::format("found {}, expected a field{}; 'ctrack-query help filter' lists them", found(),
                     guess.empty() ? "" : fmt::format(": did you mean {}?", guess)));
}

Condition Parser::compared(const Field& field) {
    for (const auto symbol : comparisons)
        if (take_symbol(symbol))
            return value(field, symbol);
    if (take_symbol("!~"))
        return negation_of(value(field, "~"));
    if (take_symbol("!="))
        return negation_of(listed(field));
    if (take_word("not", "NOT")) {
        if (!take_word("in", "IN"))
            fail(fmt::format("found {}, expected 'in'", found()));
        return negation_of(listed(field));
    }
    if (!take_symbol("=") && !take_symbol("==") && !take_word("in", "IN") && !at_value())
        fail(fmt::format("found {}, expected =, !=, <, <=, >, >=, ~, in or a value of {}", found(),
                         field.name));
    return listed(field);
}

// Takes a value or several: with commas between them, or in brackets, where commas may be missing.
Condition Parser::listed(const Field& field) {
    const std::string_view close = take_symbol("(") ? ")" : take_symbol("[") ? "]" : "";
    std::vector<Condition> any;
    for (bool goes_on = true; goes_on;) {
        any.push_back(value(field, "="));
        const bool has_comma = take_symbol(",");
        goes_on = close.empty() ? has_comma : !take_symbol(close);
    }
    return any_of(any);
}

// Takes the number of 50 ms or 10 MiB, and returns it; the unit is next. Else it takes nothing.
std::string Parser::take_number_before_unit(const Field& field) {
    const bool has_unit = field.type == Type::duration || field.type == Type::size;
    if (!has_unit || !at_word() || tokens_[next_ + 1].kind != Token::Kind::word)
        return "";
    const auto number = token().text;
    const auto text = number + tokens_[next_ + 1].text;
    const bool is_one = number.find_first_not_of("0123456789.") == std::string::npos &&
                        (field.type == Type::size ? parse_size(text) : parse_duration(text));
    next_ += is_one ? 1 : 0;
    return is_one ? number : "";
}

Condition Parser::value(const Field& field, std::string_view symbol) {
    if (!at_value())
        fail(fmt::format("found {}, expected a value of {}", found(), field.name));
    const auto number = take_number_before_unit(field);
    const Written written{number + token().text, token().kind == Token::Kind::quoted, now_us_};
    try {
        auto test = symbol == "=" ? equality(field, written) : comparison(field, symbol, written);
        ++next_;
        return test;
    } catch (const BadValue& e) {
        fail(fmt::format("found {}, expected {}", found(), e.what()));
    }
}

} // namespace

Condition parse(std::string_view text, std::int64_t now_us) {
    return Parser(text, now_us).filter();
}

std::vector<std::string_view> lone_words() {
    std::vector<std::string_view> lone;
    for (const auto& word : words)
        lone.push_back(word.word);
    return lone;
}

} // namespace ctrack::query::filter
