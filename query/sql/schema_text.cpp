// SPDX-License-Identifier: Apache-2.0
#include "query/sql/schema_text.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <sstream>

#include "schema/schema.h"
#include <SQLiteCpp/Statement.h>

namespace ctrack::query {

namespace {

// Words with one blank between them.
std::string tidied(std::string_view text) {
    std::istringstream words{std::string(text)};
    std::string line;
    for (std::string word; words >> word;)
        line += (line.empty() ? "" : " ") + word;
    return line;
}

void append(std::string& description, std::string_view comment) {
    const auto text = tidied(comment);
    description += (description.empty() || text.empty() ? "" : " ") + text;
}

// A column of a table begins a line: two blanks and its name, which no keyword looks like.
std::optional<std::string> column_begun_by(const std::string& code) {
    if (!code.starts_with("  ") || !std::islower(static_cast<unsigned char>(code[2])))
        return std::nullopt;
    return code.substr(2, code.find(' ', 2) - 2);
}

// A column of a view that has a comment ends a line with its name.
std::string column_ended_by(const std::string& code) {
    const auto text = tidied(code.substr(0, code.find_last_not_of(", ") + 1));
    return text.substr(text.find_last_of(" .") + 1);
}

void take_line_of_table(const std::string& code, const std::string& comment, Described& table) {
    if (auto column = column_begun_by(code))
        table.columns.emplace_back(std::move(*column), "");
    append(table.columns.empty() ? table.description : table.columns.back().second, comment);
}

void take_line_of_view(const std::string& code, const std::string& comment, Described& view) {
    if (code.starts_with("CREATE"))
        append(view.description, comment);
    else if (!comment.empty())
        view.columns.emplace_back(column_ended_by(code), tidied(comment));
}

// The bracket that closes the one at `open`.
std::size_t closing(std::string_view code, std::size_t open) {
    int depth = 0;
    for (auto at = open; at < code.size(); ++at) {
        depth += code[at] == '(' ? 1 : code[at] == ')' ? -1 : 0;
        if (depth == 0)
            return at;
    }
    return code.size();
}

std::vector<std::string> checks_in(const std::string& code) {
    constexpr std::string_view begin = "CHECK (";
    std::vector<std::string> checks;
    for (auto at = code.find(begin); at != code.npos; at = code.find(begin, at + 1)) {
        const auto first = at + begin.size();
        checks.push_back(tidied(code.substr(first, closing(code, first - 1) - first)));
    }
    return checks;
}

// All columns of a view, in order; the comments of those that have one are known.
void complete_columns(SQLite::Database& db, Described& view) {
    const std::map<std::string, std::string> known(view.columns.begin(), view.columns.end());
    view.columns.clear();
    SQLite::Statement columns(db, "SELECT name FROM pragma_table_info(?)");
    columns.bind(1, view.name);
    while (columns.executeStep()) {
        const auto comment = known.find(columns.getColumn(0).getString());
        view.columns.emplace_back(columns.getColumn(0).getString(),
                                  comment == known.end() ? "" : comment->second);
    }
}

// What columns without a comment mean.
void borrow_descriptions(std::vector<Described>& all) {
    std::map<std::string, std::string> known;
    for (const auto& item : all)
        for (const auto& [name, description] : item.columns)
            if (!description.empty())
                known.try_emplace(name, description);
    for (auto& item : all)
        for (auto& [name, description] : item.columns)
            if (description.empty())
                description = known[name];
}

} // namespace

Described describe(const std::string& sql) {
    Described item;
    item.is_view = sql.starts_with("CREATE VIEW");
    std::istringstream lines(sql);
    std::string all_code;
    for (std::string line; std::getline(lines, line);) {
        const auto dashes = std::min(line.find("--"), line.size());
        const auto code = line.substr(0, dashes);
        const auto comment = line.substr(std::min(dashes + 2, line.size()));
        (item.is_view ? take_line_of_view : take_line_of_table)(code, comment, item);
        all_code += code + '\n';
    }
    item.checks = checks_in(all_code);
    return item;
}

std::vector<Described> described_schema() {
    auto db = schema::empty();
    SQLite::Statement items(db, "SELECT name, sql FROM sqlite_schema "
                                "WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*' "
                                "ORDER BY type, rowid");
    std::vector<Described> all;
    while (items.executeStep()) {
        auto item = describe(items.getColumn(1));
        item.name = items.getColumn(0).getString();
        if (item.is_view)
            complete_columns(db, item);
        all.push_back(std::move(item));
    }
    borrow_descriptions(all);
    return all;
}

} // namespace ctrack::query
