// SPDX-License-Identifier: Apache-2.0
#include "query/filter/narrowing.h"

#include <map>

#include <fmt/format.h>

#include "query/base/usage_error.h"
#include "query/filter/parser.h"
#include "query/filter/values.h"

namespace ctrack::query::filter {

namespace {

// An empty text, as from a variable of the shell that is not set, would choose nothing or all.
Condition test(const Given& given, const std::string& text, std::int64_t now_us) {
    if (text.empty())
        throw UsageError(fmt::format("bad {} '{}': expected a value, and none is there{}",
                                     given.option, given.text,
                                     given.text.empty() ? "" : " beside a comma"));
    try {
        return equality(field(given.field), {text, false, now_us});
    } catch (const BadValue& e) {
        throw UsageError(fmt::format("bad {} '{}': expected {}{}", given.option, text, e.what(),
                                     given.field == "pid" ? "; -c chooses by name" : ""));
    }
}

} // namespace

// The values are separated by commas. The name of a program may contain a comma, so the whole text
// is a name as well.
std::vector<std::string> values_of(const Given& given) {
    std::vector<std::string> values;
    if (given.field == "comm" && given.text.find(',') != std::string::npos)
        values.push_back(given.text);
    std::size_t begin = 0;
    for (std::size_t comma; (comma = given.text.find(',', begin)) != std::string::npos;
         begin = comma + 1)
        values.push_back(given.text.substr(begin, comma - begin));
    values.push_back(given.text.substr(begin));
    return values;
}

std::optional<Condition> condition_of(const std::vector<Given>& given, std::string_view words,
                                      std::int64_t now_us) {
    std::map<std::string_view, std::vector<Condition>> by_field;
    for (const auto& each : given)
        for (const auto& value : values_of(each))
            by_field[each.field].push_back(test(each, value, now_us));
    std::vector<Condition> all;
    for (const auto& [field, alternatives] : by_field)
        all.push_back(any_of(alternatives));
    if (!words.empty())
        all.push_back(parse(words, now_us));
    if (all.empty())
        return std::nullopt;
    auto whole = all_of(all);
    if (whole.tests > most_tests)
        throw UsageError(fmt::format("bad filter: more than {} tests", most_tests));
    return whole;
}

} // namespace ctrack::query::filter
