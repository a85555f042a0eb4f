// SPDX-License-Identifier: Apache-2.0
//
// What a table shows, as texts: all that is left to do is to place them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "query/base/value.h"
#include "query/render/layout.h"

namespace ctrack::query {

struct GridColumn {
    std::string name;    ///< SQL name
    std::string heading; ///< and each cell is a line in which nothing acts on a terminal
    Unit unit;
    bool is_right; ///< whether cells stand on the right
    std::vector<std::string> cells = {};
    std::vector<const char*> colors = {}; ///< of the cells, as libsmartcols names them, or nullptr
    std::string date = {}; ///< what all times have in common and cells leave out; may be empty

    std::string shown_heading() const { return date.empty() ? heading : heading + " " + date; }
};

using Grid = std::vector<GridColumn>;

/// What a table of this layout shows of the rows, which have values for all `columns`.
Grid make_grid(const std::vector<std::string>& columns, Layout& layout,
               const std::vector<Row>& rows);

/// How many columns of a terminal the text takes.
std::size_t width_of(std::string_view text);

/// The same of the widest text in the column.
std::size_t column_width(const GridColumn& column);

/// The same of the table, with two blanks between its columns.
std::size_t width_of(const Grid& grid);

} // namespace ctrack::query
