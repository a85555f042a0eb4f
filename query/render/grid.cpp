// SPDX-License-Identifier: Apache-2.0
#include "query/render/grid.h"

#include <algorithm>
#include <cctype>
#include <cwchar>

#include "common/terminal_text.h"
#include "query/render/units.h"

namespace ctrack::query {

namespace {

std::string column_heading(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name;
}

std::string record_heading(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

std::string heading_of(std::string name, const ColumnFormat& format, bool as_record) {
    if (!format.heading.empty())
        return format.heading;
    if (format.unit != Unit::plain && name.ends_with("_us"))
        name.resize(name.size() - 3); // the cells say their unit
    return as_record ? record_heading(name) : column_heading(name);
}

const char* color_of(const Value& value, Unit unit) {
    const auto* text = std::get_if<std::string>(&value);
    if (unit != Unit::outcome || text == nullptr || *text == "closed")
        return nullptr;
    return *text == "open" ? "green" : *text == "lost" ? "yellow" : "red";
}

bool all_numbers(const std::vector<Row>& rows, std::size_t index) {
    return std::none_of(rows.begin(), rows.end(), [index](const Row& row) {
        return std::holds_alternative<std::string>(row[index]);
    });
}

int columns_of(const Character& character) {
    if (!shows_utf8() && character.code > 0x7F)
        return -1;
    return wcwidth(static_cast<wchar_t>(character.code));
}

// What the locale cannot show, of which nobody knows how wide it is, becomes \xHH as well.
std::string as_cell(std::string_view text) {
    const auto line = one_line(text);
    std::string cell;
    for (std::string_view rest = line; !rest.empty();) {
        const auto character = first_character(rest);
        rest.remove_prefix(character.bytes.size());
        if (columns_of(character) >= 0)
            cell += character.bytes;
        else
            append_codes(cell, character.bytes);
    }
    return cell;
}

} // namespace

Grid make_grid(const std::vector<std::string>& columns, Layout& layout,
               const std::vector<Row>& rows) {
    Grid grid;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& format = layout.columns[columns[i]];
        if (format.is_hidden)
            continue;
        const bool is_right =
            is_numeric(format.unit) || (format.unit == Unit::plain && all_numbers(rows, i));
        auto& column = grid.emplace_back(
            GridColumn{columns[i], as_cell(heading_of(columns[i], format, layout.as_record)),
                       format.unit, is_right});
        for (const auto& row : rows) {
            column.cells.push_back(as_cell(humanise(row[i], format.unit)));
            column.colors.push_back(color_of(row[i], format.unit));
        }
    }
    return grid;
}

std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const auto character = first_character(text);
        width += static_cast<std::size_t>(std::max(columns_of(character), 0));
        text.remove_prefix(character.bytes.size());
    }
    return width;
}

std::size_t column_width(const GridColumn& column) {
    auto width = width_of(column.shown_heading());
    for (const auto& cell : column.cells)
        width = std::max(width, width_of(cell));
    return width;
}

std::size_t width_of(const Grid& grid) {
    std::size_t width = 0;
    for (const auto& column : grid)
        width += column_width(column) + (width == 0 ? 0 : 2);
    return width;
}

} // namespace ctrack::query
