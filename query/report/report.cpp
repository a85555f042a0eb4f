// SPDX-License-Identifier: Apache-2.0
#include "query/report/report.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace ctrack::query {

namespace {

constexpr std::string_view blanks = " \t";
constexpr std::array<std::string_view, 3> separators{"-- by", "-- section", "-- footer"};
constexpr std::string_view shared = "-- shared ";

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

// What a line "NAME: DEFINITION[; meaning]" says.
struct Definition {
    std::string name;
    std::string text;
    std::string meaning;
};

Definition read_definition(const std::string& line, std::string_view expected) {
    const auto colon = line.find(':');
    if (colon == std::string::npos)
        throw std::invalid_argument(fmt::format("expected '{}'", expected));
    const auto end = line.find(';', colon);
    return {trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1, end - colon - 1)),
            end == std::string::npos ? "" : trimmed(line.substr(end + 1))};
}

// Reads "NAME: [hidden] [UNIT] [as HEADING][; meaning]".
void read_column(const std::string& line, Layout& layout) {
    const auto column = read_definition(line, "column NAME: UNIT");
    const auto as = column.text.find(" as ");
    auto unit_name = trimmed(column.text.substr(0, as));
    const auto when_hidden = after(unit_name, "hidden");
    unit_name = when_hidden ? (when_hidden->empty() ? "plain" : *when_hidden) : unit_name;
    const bool is_host = unit_name == "host";
    const auto unit = is_host ? Unit::text : unit_named(unit_name);
    if (!unit)
        throw std::invalid_argument(fmt::format("there is no unit '{}'", unit_name));
    const auto heading = as != std::string::npos ? trimmed(column.text.substr(as + 4))
                         : is_host               ? "HOST"
                                                 : "";
    layout.columns[column.name] = {*unit, heading, is_host || when_hidden, column.meaning, is_host};
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> words;
    std::istringstream text(list);
    for (std::string word; std::getline(text, word, ',');)
        words.push_back(trimmed(word));
    return words;
}

// One statement and the comment before it.
struct Part {
    std::string separator; // is the line that began it; the first part has none
    std::string help;
    std::vector<std::string> aliases;
    std::vector<Choice> choices;
    std::optional<Argument> argument;
    bool tells_losses = false;
    Query query;
};

// Reads "NAME [as HEADING]".
void read_bar(const std::string& line, Layout& layout) {
    const auto as = line.find(" as ");
    layout.bar = trimmed(line.substr(0, as));
    if (as != std::string::npos)
        layout.bar_heading = trimmed(line.substr(as + 4));
}

// Reads a line that is not part of the help. Returns whether it was one.
bool read_property(const std::string& line, Part& part) {
    auto& layout = part.query.layout;
    if (line == "moment")
        part.query.is_of_moment = true;
    else if (line == "losses")
        part.tells_losses = true;
    else if (const auto argument = after(line, "argument "))
        part.argument = {trimmed(argument->substr(0, argument->find(';'))),
                         trimmed(argument->substr(argument->find(';') + 1))};
    else if (line == "layout record")
        layout.as_record = true;
    else if (line.starts_with("layout "))
        throw std::invalid_argument("the only layout is 'record'");
    else if (const auto column = after(line, "bar "))
        read_bar(*column, layout);
    else
        return false;
    return true;
}

// Reads one line of the comment, without its dashes. Returns what the help says about it.
std::string read_comment(const std::string& line, Part& part) {
    if (read_property(line, part))
        return {};
    if (const auto column = after(line, "column "))
        read_column(*column, part.query.layout);
    if (const auto names = after(line, "alias ")) {
        part.aliases = split(*names);
        return fmt::format("Also called {}.\n", fmt::join(part.aliases, ", "));
    }
    if (const auto choice = after(line, "by ")) {
        const auto [name, columns, meaning] = read_definition(*choice, "by WORD: COLUMNS");
        part.choices.push_back({name, columns, meaning});
        return fmt::format("--by {}: {}\n", name, meaning);
    }
    return line + '\n';
}

bool is_separator(const std::string& line) {
    return line.starts_with(shared) ||
           std::find(separators.begin(), separators.end(), line) != separators.end();
}

// Reads a comment and its statement, up to the next separator, which it leaves in `line`, or the
// end.
Part read_part(std::string& line, std::istream& lines) {
    Part part;
    part.separator = line;
    bool in_comment = true;
    while (std::getline(lines, line) && !is_separator(line)) {
        in_comment = in_comment && line.starts_with("--");
        if (in_comment)
            part.help += read_comment(line.substr(line.starts_with("-- ") ? 3 : 2), part);
        else
            part.query.sql += line + '\n';
    }
    return part;
}

void add_part(Part part, Report& report) {
    if (part.separator == "-- footer") {
        part.query.layout.as_record = true;
        report.footer = std::move(part.query);
    } else if (part.separator == "-- section") {
        part.query.layout.is_optional = true;
        report.sections.push_back(std::move(part.query));
    } else if (const auto table = after(part.separator, shared)) {
        report.shared.push_back({*table, std::move(part.query.sql)});
    } else {
        part.query.layout = report.main.layout;
        part.query.layout.bar.clear();
        part.query.is_of_moment = report.main.is_of_moment;
        report.main_by = std::move(part.query);
    }
}

Report read_report(std::string_view name, std::istream& lines) {
    std::string line;
    auto main = read_part(line, lines);
    const auto question = after(main.help, fmt::format("{}: ", name));
    if (!question)
        throw std::invalid_argument(fmt::format("the first line must begin with '-- {}: '", name));
    Report report{std::string(name), question->substr(0, question->find('\n')),
                  std::move(main.help), std::move(main.query), std::nullopt};
    report.aliases = std::move(main.aliases);
    report.choices = std::move(main.choices);
    report.argument = std::move(main.argument);
    report.tells_losses = main.tells_losses;
    while (lines)
        add_part(read_part(line, lines), report);
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
