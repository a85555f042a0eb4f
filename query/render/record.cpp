// SPDX-License-Identifier: Apache-2.0
#include "query/render/record.h"

#include <algorithm>
#include <utility>

#include "query/render/fit.h"

namespace ctrack::query {

namespace {

void add_line(Grid& record, const std::string& name, const std::string& text) {
    record[0].cells.push_back(name);
    record[0].colors.push_back("bold");
    record[1].cells.push_back(text);
    record[1].colors.push_back(nullptr);
}

} // namespace

std::vector<Grid> as_records(const Grid& grid, std::size_t width) {
    std::size_t names = 2; // blanks between the two columns
    for (const auto& column : grid)
        names = std::max(names, width_of(column.heading) + 2);
    const auto room = width - std::min(width - 1, names);
    std::vector<Grid> records;
    for (std::size_t i = 0; !grid.empty() && i < grid[0].cells.size(); ++i) {
        Grid record{{"name", "", Unit::text, false}, {"value", "", Unit::text, false}};
        for (const auto& column : grid) {
            const auto& cell = column.cells[i];
            auto name = column.heading;
            for (const auto& line :
                 broken_at(column.unit == Unit::wide ? cut_to(cell, room) : cell, room))
                add_line(record, std::exchange(name, ""), line);
        }
        records.push_back(std::move(record));
    }
    return records;
}

} // namespace ctrack::query
