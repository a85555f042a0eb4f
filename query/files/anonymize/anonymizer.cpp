// SPDX-License-Identifier: Apache-2.0
#include "query/files/anonymize/anonymizer.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <nettle/hmac.h>
#include <re2/re2.h>

#include "query/base/usage_error.h"
#include "query/render/units.h"

namespace ctrack::query::anonymize {

namespace {

using Digest = std::array<std::uint8_t, SHA256_DIGEST_SIZE>;

Digest hmac(std::string_view key, std::string_view text) {
    hmac_sha256_ctx context;
    hmac_sha256_set_key(&context, key.size(), reinterpret_cast<const std::uint8_t*>(key.data()));
    hmac_sha256_update(&context, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
    Digest digest;
    hmac_sha256_digest(&context, digest.size(), digest.data());
    return digest;
}

std::string_view view(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Whether the address names no particular host.
bool is_everywhere(const std::string& address) {
    return address.starts_with("127.") || address == "0.0.0.0" || address == "::" ||
           address == "::1";
}

// How a unit, or the link /proc/PID/exe of a file that is gone, ends; else nothing.
std::string_view ending_of(std::string_view text) {
    for (const std::string_view ending : {".service", ".scope", ".slice", ".socket", " (deleted)"})
        if (text.size() > ending.size() && text.ends_with(ending))
            return ending;
    return "";
}

bool is_of_hex(unsigned char c) { return std::isxdigit(c) != 0 || c == '-'; }

bool is_of_numbers(Kind kind) { return kind == Kind::kept || kind == Kind::number; }

// The first two numbers of a version such as 6.1.0-26-amd64; empty if it begins with none.
std::string short_version(const std::string& text) {
    static const RE2 numbers(R"(^(\d{1,4}\.\d{1,4})(?:\D|$))");
    std::string version;
    RE2::PartialMatch(text, numbers, &version);
    return version;
}

// Whether the text is an object of JSON that has numbers alone.
bool is_of_counts(const std::string& text) {
    static const RE2 counts(R"(\{(?:"\d{1,3}":\d+(?:,"\d{1,3}":\d+)*)?\})");
    return RE2::FullMatch(text, counts);
}

// Reports on a window ask for it (query/sql/missing_intervals.sql).
std::string kept_option(const std::string& options) {
    static const RE2 no_intervals("(?m)^interval=off$");
    return RE2::PartialMatch(options, no_intervals) ? "interval=off" : "";
}

} // namespace

Anonymizer::Anonymizer(std::string_view key, Level level)
    : name_key_(hmac(key, "ctrack names")), addresses_(hmac(key, "ctrack addresses")),
      level_(level) {}

void Anonymizer::begin(const Table& table, const std::vector<std::string>& columns) {
    places_.clear();
    is_ours_ = false;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto kind = kind_of(table.name, columns[i]);
        is_ours_ = is_ours_ || kind == Kind::ours;
        places_.push_back(
            {i, kind,
             kind == Kind::word ? words_of(columns[i], schema_) : std::set<std::string>{}});
    }
}

bool Anonymizer::take(Row& row) {
    for (const auto& place : places_)
        row.at(place.column) = value(place, row[place.column]);
    return !is_ours_;
}

// A value of another type than its column's is taken for text.
Value Anonymizer::value(const Place& place, const Value& value) {
    if (std::holds_alternative<std::monostate>(value))
        return value;
    const auto* integer = std::get_if<std::int64_t>(&value);
    if (integer != nullptr && is_of_numbers(place.kind))
        return place.kind == Kind::number ? number(*integer) : *integer;
    const auto* text = std::get_if<std::string>(&value);
    return replaced(place.kind, text != nullptr ? *text : humanise(value, Unit::plain),
                    place.words);
}

std::string Anonymizer::replaced(Kind kind, const std::string& text,
                                 const std::set<std::string>& words) {
    switch (kind) {
    case Kind::address: return address(text);
    case Kind::program: return program(text);
    case Kind::path: return path(text);
    case Kind::unit: return unit(text);
    case Kind::hex: return hex(text);
    case Kind::options: return kept_option(text);
    case Kind::word: return words.contains(text) ? text : name(text);
    case Kind::counts: return is_of_counts(text) ? text : "{}";
    case Kind::version: {
        const auto version = short_version(text);
        return version.empty() ? name(text) : version;
    }
    case Kind::kept:
    case Kind::number:
    case Kind::name:
    case Kind::ours: break;
    }
    return name(text);
}

// JSON keeps 53 bits. Two numbers of a million are the same with a probability of 1 in 18,000.
std::int64_t Anonymizer::number(std::int64_t number) const {
    if (number == 0)
        return 0;
    const auto digest = hmac(view(name_key_), fmt::format("number {}", number));
    std::int64_t result = 0;
    for (std::size_t i = 0; i < 7; ++i)
        result = result << 8 | digest[i];
    return result & ((std::int64_t{1} << 53) - 1);
}

// A name has 13 characters, because a comm has room for 15. Two names of a million are the same
// with a probability of 1 in 500.
std::string Anonymizer::name(const std::string& text) const {
    if (text.empty())
        return text;
    const auto digest = hmac(view(name_key_), text);
    return fmt::format("x{:02x}", fmt::join(digest.begin(), digest.begin() + 6, ""));
}

std::string Anonymizer::program(const std::string& text) {
    if (level_ == Level::strict || !known_names_.contains(text))
        return name(text);
    kept_names_.insert(text);
    return text;
}

// Of TEMPLATE@INSTANCE.service the template may be a known name.
std::string Anonymizer::unit(const std::string& text) {
    const auto stem = text.substr(0, text.size() - ending_of(text).size());
    const auto at = stem.find('@');
    const bool is_known =
        at != stem.npos && level_ == Level::names && known_names_.contains(stem.substr(0, at));
    return (is_known ? program(stem.substr(0, at)) + '@' + name(stem.substr(at + 1))
                     : program(stem))
        .append(ending_of(text));
}

std::string Anonymizer::path(const std::string& text) {
    std::string mapped;
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('/', begin)) != text.npos; begin = end + 1)
        (mapped += unit(text.substr(begin, end - begin))) += '/';
    return mapped + unit(text.substr(begin));
}

std::string Anonymizer::hex(const std::string& text) const {
    if (!std::all_of(text.begin(), text.end(), is_of_hex))
        return name(text);
    const auto digest = hmac(view(name_key_), text);
    const auto digits = fmt::format("{:02x}", fmt::join(digest, ""));
    std::string mapped;
    for (std::size_t i = 0, next = 0; i < text.size(); ++i)
        mapped += text[i] == '-' ? '-' : digits[next++ % digits.size()];
    return mapped;
}

std::string Anonymizer::address(const std::string& text) const {
    auto mapped = addresses_.map(text);
    if (!mapped)
        return name(text);
    if (is_everywhere(text))
        return text;
    while (is_everywhere(*mapped)) // else it would be taken for loopback
        mapped = addresses_.map(*mapped);
    return *mapped;
}

} // namespace ctrack::query::anonymize
