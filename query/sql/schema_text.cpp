// SPDX-License-Identifier: Apache-2.0
#include "query/sql/schema_text.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "schema/schema.h"

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

std::string first_word(std::string_view definition) {
    std::istringstream words{std::string(definition)};
    std::string word;
    words >> word;
    return word;
}

bool is_constraint(const std::string& word) {
    static const std::set<std::string> constraints{"PRIMARY", "UNIQUE", "CHECK", "FOREIGN",
                                                   "CONSTRAINT"};
    return constraints.contains(word);
}

// Reads a statement from left to right.
class DdlReader {
public:
    explicit DdlReader(std::string_view sql) : sql_(sql) {}

    Described read() {
        for (; at_ < sql_.size(); ++at_)
            read_one();
        end_definition();
        return std::move(described_);
    }

private:
    void read_one() {
        const char c = sql_[at_];
        if (sql_.substr(at_, 2) == "--")
            take_comment(sql_.find('\n', at_), 0);
        else if (sql_.substr(at_, 2) == "/*")
            take_comment(sql_.find("*/", at_), 1);
        else if (c == '\'')
            at_ = std::min(sql_.find('\'', at_ + 1), sql_.size() - 1);
        else
            take(c);
    }

    // Up to `end`, and `more` characters that close it.
    void take_comment(std::size_t end, std::size_t more) {
        end = std::min(end, sql_.size());
        const auto text = sql_.substr(at_ + 2, end - at_ - 2);
        const bool is_of_column = depth_ > 0 && (has_columns() || !tidied(definition_).empty());
        if (!is_of_column)
            append(described_.description, text);
        else if (tidied(definition_).empty() && !is_new_line_)
            append(behind_comma(), text);
        else
            append(comment_, text);
        is_new_line_ = more == 0; // "--" ends with the line
        at_ = std::min(end + more, sql_.size());
    }

    void take(char c) {
        depth_ += c == '(' ? 1 : c == ')' ? -1 : 0;
        is_new_line_ = c == '\n' || (is_new_line_ && std::isspace(static_cast<unsigned char>(c)));
        if (c == ',' && depth_ == 1)
            end_definition();
        else if (depth_ > 1 || (depth_ == 1 && c != '('))
            definition_ += c;
    }

    // The column that a comment behind a comma is of. ALTER TABLE puts a new column between
    // the last one and its comment.
    std::string& behind_comma() {
        auto& columns = described_.columns;
        auto column = columns.rbegin();
        if (!column->second.empty() && columns.size() > 1 && std::next(column)->second.empty())
            ++column;
        return column->second;
    }

    bool has_columns() const { return !described_.columns.empty(); }

    void end_definition() {
        const auto name = first_word(definition_);
        if (!name.empty() && !is_constraint(name))
            described_.columns.emplace_back(name, comment_);
        definition_.clear();
        comment_.clear();
    }

    std::string_view sql_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool is_new_line_ = false;
    std::string definition_, comment_;
    Described described_;
};

Described describe_view(std::string_view sql) {
    Described view;
    const auto begin = sql.find("-- ");
    const auto line_end = sql.find('\n');
    if (begin < line_end)
        append(view.description, sql.substr(begin + 3, line_end - begin - 3));
    return view;
}

// What stands at the end of the line that ends with this column.
std::string comment_after(const std::string& sql, const std::string& column) {
    std::smatch found;
    const std::regex line(fmt::format("\\b{},? *-- (.*)", column));
    return std::regex_search(sql, found, line) ? found[1].str() : "";
}

void add_view_columns(SQLite::Database& db, const std::string& sql, Described& view) {
    SQLite::Statement columns(db, "SELECT name FROM pragma_table_info(?)");
    columns.bind(1, view.name);
    while (columns.executeStep())
        view.columns.emplace_back(columns.getColumn(0).getString(),
                                  comment_after(sql, columns.getColumn(0)));
}

// What columns without a comment mean.
void borrow_descriptions(std::vector<Described>& all) {
    std::map<std::string, std::string> known{{"time", "ISO 8601, UTC"},
                                             {"opened", "ISO 8601, UTC"},
                                             {"closed", "ISO 8601, UTC"},
                                             {"error", "name of the errno"},
                                             {"kind", "what happened"},
                                             {"value", "see event_kinds.value"},
                                             {"cause", "why it was lost"},
                                             {"lost", "how many"},
                                             {"batch_id", "the commit that counted it"},
                                             {"cgroup_path", "see cgroups.path"}};
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

Described describe(std::string_view sql) {
    return sql.starts_with("CREATE VIEW") ? describe_view(sql) : DdlReader(sql).read();
}

std::vector<Described> described_schema() {
    auto db = schema::empty();
    SQLite::Statement items(db, "SELECT name, type, sql FROM sqlite_schema "
                                "WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*' "
                                "ORDER BY type, rowid");
    std::vector<Described> all;
    while (items.executeStep()) {
        const std::string sql = items.getColumn(2);
        auto item = describe(sql);
        item.name = items.getColumn(0).getString();
        item.is_view = items.getColumn(1).getString() == "view";
        if (item.is_view)
            add_view_columns(db, sql, item);
        all.push_back(std::move(item));
    }
    borrow_descriptions(all);
    return all;
}

} // namespace ctrack::query
