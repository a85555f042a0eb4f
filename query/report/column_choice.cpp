// SPDX-License-Identifier: Apache-2.0
#include "query/report/column_choice.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "common/nearest.h"
#include "query/base/usage_error.h"

namespace ctrack::query {

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

ColumnFormat format_of(const Layout& layout, const std::string& name) {
    const auto found = layout.columns.find(name);
    return found == layout.columns.end() ? ColumnFormat{} : found->second;
}

// 2 if the name is the SQL name of the column, 1 if it may stand for the column, else 0.
int likeness(const Layout& layout, const std::string& column, const std::string& name) {
    if (column == name)
        return 2;
    const auto wanted = lower(name);
    const bool is_heading = !wanted.empty() && wanted == lower(format_of(layout, column).heading);
    return is_heading || column == wanted || column == wanted + "_us" ? 1 : 0;
}

// The statement without its semicolon, so that it can stand in brackets.
std::string_view without_end(std::string_view sql) {
    const auto last = sql.find_last_not_of(" \t\r\n;");
    return sql.substr(0, last + 1);
}

class ColumnChooser : public Renderer {
public:
    ColumnChooser(std::vector<std::size_t> chosen, Renderer& inner)
        : chosen_(std::move(chosen)), inner_(inner) {}

    void begin(const std::vector<std::string>& columns, const Layout& layout) override {
        auto chosen = widened(layout);
        chosen.fitting = Fitting::cut;
        inner_.begin(of(columns), chosen);
    }
    void row(const Row& row) override { inner_.row(of(row)); }
    void end() override { inner_.end(); }

private:
    template <typename Cells> Cells of(const Cells& cells) const {
        Cells some;
        for (const auto index : chosen_)
            some.push_back(cells[index]);
        return some;
    }

    std::vector<std::size_t> chosen_;
    Renderer& inner_;
};

} // namespace

bool any_column(const Columns& columns, bool (*is_so)(const ColumnFormat&)) {
    return std::any_of(columns.names.begin(), columns.names.end(), [&](const std::string& name) {
        return is_so(format_of(columns.layout, name));
    });
}

std::size_t column_at(const Columns& columns, const std::string& name) {
    for (const int wanted : {2, 1})
        for (std::size_t i = 0; i < columns.names.size(); ++i)
            if (likeness(columns.layout, columns.names[i], name) == wanted)
                return i;
    const auto guess = nearest(name, columns.names);
    throw UsageError(fmt::format("no column '{}'{} there are {}", name,
                                 guess.empty() ? ":" : fmt::format(": did you mean {}?", guess),
                                 fmt::join(columns.names, ", ")));
}

std::string sorted_sql(const std::string& sql, const Columns& columns, const std::string& order,
                       std::int64_t limit) {
    const bool says_way = order.ends_with(":asc") || order.ends_with(":desc");
    const bool is_reversed = !says_way && order.starts_with('-');
    const auto name = says_way ? order.substr(0, order.rfind(':')) : order.substr(is_reversed);
    const auto index = column_at(columns, name);
    const auto unit = format_of(columns.layout, columns.names[index]).unit;
    const bool is_text = unit == Unit::text || unit == Unit::wide || unit == Unit::outcome;
    const bool is_descending = says_way ? order.ends_with(":desc") : is_text == is_reversed;
    return fmt::format("SELECT * FROM (\n{}\n) ORDER BY {} {} NULLS LAST LIMIT {}",
                       without_end(sql), index + 1, is_descending ? "DESC" : "ASC", limit);
}

std::unique_ptr<Renderer> choose_columns(const Columns& columns, const std::string& list,
                                         Renderer& inner) {
    std::vector<std::size_t> chosen;
    std::size_t begin = 0;
    while (begin <= list.size()) {
        const auto comma = std::min(list.find(',', begin), list.size());
        chosen.push_back(column_at(columns, list.substr(begin, comma - begin)));
        begin = comma + 1;
    }
    return std::make_unique<ColumnChooser>(std::move(chosen), inner);
}

Layout with_hosts(Layout layout) {
    for (auto& [name, format] : layout.columns)
        format.is_hidden = format.is_hidden && !format.is_host;
    return layout;
}

Layout widened(Layout layout) {
    for (auto& [name, format] : layout.columns)
        format.is_hidden = false;
    layout.fitting = Fitting::none;
    return layout;
}

} // namespace ctrack::query
