// SPDX-License-Identifier: Apache-2.0
#include "query/render/smartcols.h"

#include <cstdlib>
#include <new>
#include <string_view>

#include "common/error.h"

namespace ctrack::query {

namespace {

// Whether NO_COLOR is set, and not to the empty text, as no-color.org asks.
bool is_color_unwanted() {
    const char* no_color = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    return (no_color != nullptr && *no_color != '\0') ||
           (term != nullptr && std::string_view(term) == "dumb");
}

} // namespace

void check(int result) {
    if (result != 0)
        throw std::bad_alloc();
}

bool use_color(Color color, const Output& out) {
    if (color == Color::automatic)
        return out.is_terminal() && !is_color_unwanted();
    return color == Color::always;
}

Table make_table(Output& out, bool is_coloured) {
    Table table(scols_new_table());
    if (!table)
        throw std::bad_alloc();
    check(scols_table_set_stream(table.get(), out.stream()));
    check(scols_table_set_column_separator(table.get(), "  "));
    check(scols_table_set_termforce(table.get(), SCOLS_TERMFORCE_NEVER)); // fit() knows the width
    check(scols_table_enable_colors(table.get(), is_coloured));
    check(scols_table_enable_noencoding(table.get(), 1)); // cells are escaped already
    return table;
}

void add_column(libscols_table* table, const std::string& heading, int flags) {
    auto* column = scols_table_new_column(table, heading.c_str(), 0, flags);
    if (column == nullptr)
        throw std::bad_alloc();
    check(scols_cell_set_color(scols_column_get_header(column), "bold"));
}

libscols_line* add_line(libscols_table* table) {
    auto* line = scols_table_new_line(table, nullptr);
    if (line == nullptr)
        throw std::bad_alloc();
    return line;
}

void set_cell(libscols_line* line, std::size_t column, const std::string& text, const char* color) {
    check(scols_line_set_data(line, column, text.c_str()));
    if (color != nullptr)
        check(scols_cell_set_color(scols_line_get_cell(line, column), color));
}

void add_cells(libscols_table* table, const Grid& grid) {
    for (const auto& column : grid)
        add_column(table, column.shown_heading(), column.is_right ? SCOLS_FL_RIGHT : 0);
    for (std::size_t i = 0; !grid.empty() && i < grid[0].cells.size(); ++i) {
        auto* line = add_line(table);
        for (std::size_t j = 0; j < grid.size(); ++j)
            set_cell(line, j, grid[j].cells[i], grid[j].colors[i]);
    }
}

void print(libscols_table* table, Output& out) {
    if (scols_print_table(table) != 0)
        throw Error("cannot lay out the table");
    out.write("");
}

} // namespace ctrack::query
