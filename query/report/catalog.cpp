// SPDX-License-Identifier: Apache-2.0
#include "query/report/catalog.h"

#include <algorithm>
#include <span>

#include "common/embedded_sql.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> reports;

namespace query {

namespace {

// The aliases in the text of a report, which need not be parsed for them.
std::vector<std::string> aliases_in(std::string_view text) {
    constexpr std::string_view mark = "\n-- alias ";
    const auto begin = text.find(mark);
    if (begin == std::string_view::npos)
        return {};
    const auto names = text.substr(begin + mark.size());
    return read_names(std::string(names.substr(0, names.find('\n'))));
}

} // namespace

std::vector<Report> all_reports() {
    std::vector<Report> all;
    for (const auto& file : reports)
        all.push_back(parse_report(file.name, file.text));
    return all;
}

std::optional<Report> find_report(std::string_view name) {
    for (const auto& file : reports)
        if (file.name == name)
            return parse_report(file.name, file.text);
    for (const auto& file : reports) {
        const auto aliases = aliases_in(file.text);
        if (std::find(aliases.begin(), aliases.end(), name) != aliases.end())
            return parse_report(file.name, file.text);
    }
    return std::nullopt;
}

std::vector<std::string> report_names() {
    std::vector<std::string> names;
    for (const auto& file : reports) {
        names.emplace_back(file.name);
        for (auto& alias : aliases_in(file.text))
            names.push_back(std::move(alias));
    }
    return names;
}

} // namespace query
} // namespace ctrack
