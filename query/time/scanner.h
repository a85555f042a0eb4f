// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cctype>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ctrack::query {

/// Reads a text from left to right. Each take_* moves on only if it succeeds.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool done() const { return rest_.empty(); }
    bool at_digit() const { return !done() && std::isdigit(static_cast<unsigned char>(rest_[0])); }

    bool take(char c) {
        const bool found = !done() && rest_[0] == c;
        if (found)
            rest_.remove_prefix(1);
        return found;
    }

    void skip_blanks() {
        while (take(' ')) {
        }
    }

    std::string_view take_while(int (*is_wanted)(int)) {
        std::size_t size = 0;
        while (size < rest_.size() && is_wanted(static_cast<unsigned char>(rest_[size])))
            ++size;
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    /// Takes a whole number of `least` to `most` digits, where `most` is at most 18.
    std::optional<std::int64_t> take_number(std::size_t least, std::size_t most) {
        const Scanner before = *this;
        const auto digits = take_while(std::isdigit);
        if (digits.size() < least || digits.size() > most) {
            *this = before;
            return std::nullopt;
        }
        return std::stoll(std::string(digits));
    }

    /// Takes a fraction of a second, as ".25", and returns its microseconds; without a point it is
    /// 0.
    std::optional<std::int64_t> take_fraction() {
        if (!take('.'))
            return 0;
        std::string digits(take_while(std::isdigit));
        if (digits.empty())
            return std::nullopt;
        digits.resize(6, '0');
        return std::stoll(digits);
    }

private:
    std::string_view rest_;
};

} // namespace ctrack::query
