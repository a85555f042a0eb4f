// SPDX-License-Identifier: Apache-2.0
#include "query/filter/functions.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <re2/re2.h>
#include <sqlite3.h>

#include "common/stored_text.h"
#include "query/filter/network.h"

namespace ctrack::query::filter {

namespace {

// Keeps what was made of a text, because nearly every row asks for the same few texts.
template <typename Made> class Cache {
public:
    template <typename Make> const Made& get(std::string_view text, Make make) {
        if (const auto found = made_.find(text); found != made_.end())
            return found->second;
        if (made_.size() >= most)
            made_.clear(); // probably each row has a text of its own, so keeping them is no use
        return made_.emplace(std::string(text), make(text)).first->second;
    }

private:
    static constexpr std::size_t most = 1000;
    std::map<std::string, Made, std::less<>> made_;
};

using Networks = Cache<std::optional<Network>>;
using Regexes = Cache<std::unique_ptr<RE2>>;

template <typename Cached> Cached& cache_of(sqlite3_context* context) {
    return *static_cast<Cached*>(sqlite3_user_data(context));
}

template <typename Cached> void drop(void* cache) { delete static_cast<Cached*>(cache); }

bool is_null(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }

std::string_view text_of(sqlite3_value* value) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return text == nullptr
               ? std::string_view()
               : std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

void fail(sqlite3_context* context, const std::string& problem) {
    sqlite3_result_error(context, problem.c_str(), -1);
}

void in_network(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (is_null(arguments[0]) || is_null(arguments[1]))
        return; // NULL
    const auto text = text_of(arguments[1]);
    const auto& network = cache_of<Networks>(context).get(text, parse_network);
    if (!network)
        return fail(context, fmt::format("'{}' is no network, as 10.0.0.0/8 is", text));
    if (const auto address = parse_address(text_of(arguments[0])))
        sqlite3_result_int(context, network->holds(*address));
}

void is_utf8_text(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (!is_null(arguments[0]))
        sqlite3_result_int(context, is_utf8(text_of(arguments[0])));
}

void regexp(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (is_null(arguments[0]) || is_null(arguments[1]))
        return; // NULL
    const auto& regex = cache_of<Regexes>(context).get(text_of(arguments[0]), [](auto text) {
        return std::make_unique<RE2>(re2::StringPiece(text.data(), text.size()), RE2::Quiet);
    });
    if (!regex->ok())
        return fail(context, "bad regular expression: " + regex->error());
    const auto text = text_of(arguments[1]);
    sqlite3_result_int(context,
                       RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex));
}

} // namespace

void add_functions(SQLite::Database& db) {
    constexpr bool is_deterministic = true;
    db.createFunction("in_network", 2, is_deterministic, new Networks, in_network, nullptr, nullptr,
                      drop<Networks>);
    db.createFunction("is_utf8", 1, is_deterministic, nullptr, is_utf8_text, nullptr, nullptr,
                      nullptr);
    db.createFunction("regexp", 2, is_deterministic, new Regexes, regexp, nullptr, nullptr,
                      drop<Regexes>);
}

} // namespace ctrack::query::filter
