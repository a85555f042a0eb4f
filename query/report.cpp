// SPDX-License-Identifier: Apache-2.0
#include "query/report.h"

#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

namespace ctrack::query {

namespace {

constexpr std::string_view blanks = " \t";

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

// The text after `prefix`, if the line begins with it.
std::optional<std::string> after(std::string_view line, std::string_view prefix) {
    if (!line.starts_with(prefix))
        return std::nullopt;
    return trimmed(line.substr(prefix.size()));
}

// "NAME: [hidden] [UNIT] [as HEADING][; meaning]"
void read_column(const std::string& line, Layout& layout) {
    const auto colon = line.find(':');
    if (colon == std::string::npos)
        throw std::invalid_argument("expected 'column NAME: UNIT'");
    const auto format = line.substr(colon + 1, line.find(';') - colon - 1);
    const auto as = format.find(" as ");
    auto unit_name = trimmed(format.substr(0, as));
    const auto when_hidden = after(unit_name, "hidden");
    unit_name = when_hidden ? (when_hidden->empty() ? "plain" : *when_hidden) : unit_name;
    const auto unit = unit_named(unit_name);
    if (!unit)
        throw std::invalid_argument(fmt::format("there is no unit '{}'", unit_name));
    const auto heading = as == std::string::npos ? "" : trimmed(format.substr(as + 4));
    const auto end = line.find(';');
    const auto meaning = end == std::string::npos ? "" : trimmed(line.substr(end + 1));
    layout.columns[trimmed(line.substr(0, colon))] = {*unit, heading, when_hidden.has_value(),
                                                      meaning};
}

// One comment line, without its dashes. Returns whether it is part of the help.
bool read_comment(const std::string& line, Query& query) {
    auto& layout = query.layout;
    if (line == "moment") {
        query.is_of_moment = true;
        return false;
    }
    if (const auto column = after(line, "column ")) {
        read_column(*column, layout);
        return true;
    }
    if (const auto how = after(line, "layout ")) {
        if (*how != "record")
            throw std::invalid_argument("the only layout is 'record'");
        layout.as_record = true;
        return false;
    }
    if (const auto column = after(line, "bar ")) {
        layout.bar = *column;
        return false;
    }
    return true;
}

// Reads the comment before the statement, then the statement up to "-- footer"
// or the end.
struct Part {
    std::string help;
    Query query;
};

Part read_part(std::istream& lines) {
    Part part;
    bool in_comment = true;
    for (std::string line; std::getline(lines, line) && line != "-- footer";) {
        in_comment = in_comment && line.starts_with("--");
        if (!in_comment)
            part.query.sql += line + '\n';
        else if (const auto text = line.substr(line.starts_with("-- ") ? 3 : 2);
                 read_comment(text, part.query))
            part.help += text + '\n';
    }
    return part;
}

Report read_report(std::string_view name, std::istream& lines) {
    auto main = read_part(lines);
    const auto question = after(main.help, fmt::format("{}: ", name));
    if (!question)
        throw std::invalid_argument(fmt::format("the first line must begin with '-- {}: '", name));
    Report report{std::string(name), question->substr(0, question->find('\n')),
                  std::move(main.help), std::move(main.query), std::nullopt};
    if (auto footer = read_part(lines).query; !footer.sql.empty()) {
        footer.layout.as_record = true;
        report.footer = std::move(footer);
    }
    return report;
}

} // namespace

Report parse_report(std::string_view name, std::string_view text) {
    std::istringstream lines{std::string(text)};
    try {
        return read_report(name, lines);
    } catch (const std::invalid_argument& e) {
        throw std::invalid_argument(fmt::format("report {}: {}", name, e.what()));
    }
}

} // namespace ctrack::query
