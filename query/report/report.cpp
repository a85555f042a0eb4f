// SPDX-License-Identifier: Apache-2.0
#include "query/report/report.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

namespace ctrack::query {

namespace {

constexpr std::array<std::string_view, 3> separators{"-- by", "-- section", "-- footer"};
constexpr std::string_view shared = "-- shared ";
constexpr std::string_view minutes_shared = "-- minutes shared ";
constexpr std::string_view minutes_by = "-- minutes by ";

// The text after `prefix`, if the line begins with it.
std::optional<std::string> after(std::string_view line, std::string_view prefix) {
    if (!line.starts_with(prefix))
        return std::nullopt;
    return std::string(line.substr(prefix.size()));
}

// Reads "NAME: [hidden] [UNIT] [as HEADING][; meaning]".
void read_column(const std::string& line, Layout& layout) {
    static const RE2 form(R"((\w+): *(hidden)? *(\w*)(?: as ([^;]+))?(?:; (.+))?)");
    std::string name, hidden, unit_name;
    ColumnFormat format;
    if (!RE2::FullMatch(line, form, &name, &hidden, &unit_name, &format.heading, &format.meaning))
        throw std::invalid_argument("expected 'column NAME: UNIT'");
    format.is_host = unit_name == "host";
    format.is_hidden = format.is_host || !hidden.empty();
    if (format.is_host && format.heading.empty())
        format.heading = "HOST";
    const auto unit = unit_named(format.is_host                          ? "text"
                                 : unit_name.empty() && format.is_hidden ? "plain"
                                                                         : unit_name);
    if (!unit)
        throw std::invalid_argument(fmt::format("there is no unit '{}'", unit_name));
    format.unit = *unit;
    layout.columns[name] = format;
}

// Reads "WORD: COLUMNS[; meaning]".
Choice read_choice(const std::string& line) {
    static const RE2 form(R"((\w+): ([^;]+)(?:; (.+))?)");
    Choice choice;
    if (!RE2::FullMatch(line, form, &choice.name, &choice.columns, &choice.meaning))
        throw std::invalid_argument("expected 'by WORD: COLUMNS'");
    return choice;
}

// Reads "PATTERN; WHAT".
Argument read_argument(const std::string& line) {
    Argument argument;
    if (!RE2::FullMatch(line, "([^;]+); (.+)", &argument.pattern, &argument.expected))
        throw std::invalid_argument("expected 'argument PATTERN; WHAT'");
    return argument;
}

// Reads "NAME [as HEADING]".
void read_bar(const std::string& line, Layout& layout) {
    if (!RE2::FullMatch(line, "(\\w+) as (.+)", &layout.bar, &layout.bar_heading))
        layout.bar = line;
}

// Reads a line that is not part of the help. Returns whether it was one.
bool read_property(const std::string& line, Query& query, Report& report) {
    auto& layout = query.layout;
    if (line == "moment")
        report.is_of_moment = true;
    else if (line == "all rows")
        report.shows_all = true;
    else if (line == "losses")
        report.tells_losses = true;
    else if (line == "drops")
        report.notes_drops = true;
    else if (const auto argument = after(line, "argument "))
        report.argument = read_argument(*argument);
    else if (line == "layout record")
        layout.as_record = true;
    else if (line.starts_with("layout "))
        throw std::invalid_argument("the only layout is 'record'");
    else if (const auto column = after(line, "bar "))
        read_bar(*column, layout);
    else if (const auto names = after(line, "narrow "))
        layout.least_useful = read_names(*names);
    else
        return false;
    return true;
}

// Reads one line of the comment, without its dashes. Returns what the help says about it.
std::string read_comment(const std::string& line, Query& query, Report& report) {
    if (read_property(line, query, report))
        return {};
    if (const auto column = after(line, "column "))
        read_column(*column, query.layout);
    if (const auto names = after(line, "alias ")) {
        report.aliases = read_names(*names);
        return fmt::format("Also called {}.\n", fmt::join(report.aliases, ", "));
    }
    if (const auto choice = after(line, "by ")) {
        report.choices.push_back(read_choice(*choice));
        return fmt::format("--by {}: {}\n", report.choices.back().name,
                           report.choices.back().meaning);
    }
    return line + '\n';
}

bool is_separator(const std::string& line) {
    return line.starts_with(shared) || line.starts_with(minutes_shared) ||
           line.starts_with(minutes_by) ||
           std::find(separators.begin(), separators.end(), line) != separators.end();
}

// Reads a comment and its statement, up to the next separator, which it leaves in `line`, or the
// end. Returns the statement.
Query read_query(std::string& line, std::istream& lines, Report& report, std::string& help) {
    Query query;
    query.layout.fitting = Fitting::hide;
    query.layout.shows_all = "-w";
    bool in_comment = true;
    while (std::getline(lines, line) && !is_separator(line)) {
        in_comment = in_comment && line.starts_with("--");
        if (in_comment)
            help += read_comment(line.substr(line.starts_with("-- ") ? 3 : 2), query, report);
        else
            query.sql += line + '\n';
    }
    return query;
}

void add(Query query, const std::string& separator, Report& report) {
    if (separator == "-- footer") {
        query.layout.as_record = true;
        report.footer = std::move(query);
    } else if (separator == "-- section") {
        query.layout.is_optional = true;
        report.sections.push_back(std::move(query));
    } else if (const auto table = after(separator, shared)) {
        report.shared.push_back({*table, std::move(query.sql)});
    } else if (const auto of_minutes = after(separator, minutes_shared)) {
        report.minutes.shared.push_back({*of_minutes, std::move(query.sql)});
    } else if (const auto words = after(separator, minutes_by)) {
        report.minutes.main = std::move(query.sql);
        report.minutes.words = read_names(*words);
    } else {
        query.layout = report.main.layout;
        query.layout.bar.clear();
        report.main_by = std::move(query);
    }
}

Report read_report(std::string_view name, std::istream& lines) {
    Report report;
    report.name = name;
    std::string line;
    report.main = read_query(line, lines, report, report.help);
    const auto question = after(report.help, fmt::format("{}: ", name));
    if (!question)
        throw std::invalid_argument(fmt::format("the first line must begin with '-- {}: '", name));
    report.question = question->substr(0, question->find('\n'));
    while (lines) {
        const auto separator = line;
        std::string unused_help;
        add(read_query(line, lines, report, unused_help), separator, report);
    }
    return report;
}

} // namespace

std::vector<std::string> read_names(const std::string& line) {
    static const RE2 form("([^, ]+)");
    std::vector<std::string> names;
    re2::StringPiece rest(line);
    for (std::string name; RE2::FindAndConsume(&rest, form, &name);)
        names.push_back(name);
    return names;
}

Report parse_report(std::string_view name, std::string_view text) {
    std::istringstream lines{std::string(text)};
    try {
        return read_report(name, lines);
    } catch (const std::invalid_argument& e) {
        throw std::invalid_argument(fmt::format("report {}: {}", name, e.what()));
    }
}

} // namespace ctrack::query
