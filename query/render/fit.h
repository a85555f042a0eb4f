// SPDX-License-Identifier: Apache-2.0
//
// Makes a table fit a terminal: what matters least goes first.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "query/render/grid.h"

namespace ctrack::query {

/// The text with an ellipsis in its middle, if it takes more columns.
std::string cut_to(std::string_view text, std::size_t width);

/// The text in lines that take no more columns each, broken between words where that is possible.
std::vector<std::string> broken_at(std::string_view text, std::size_t width);

/// What is done to a table so that it fits.
struct Fit {
    std::string date;                  ///< goes into the heading of one column; may be empty
    std::string date_column;           ///< SQL name of that column
    bool drops_microseconds = false;   ///< of times
    std::vector<std::size_t> hidden;   ///< are the columns that are left out, from the left
    std::vector<std::string> headings; ///< of these columns
};

/// Finds out how the table can take no more than `width` columns. A date that all times share goes
/// into a heading, then times lose their microseconds, then, if `may_hide`, columns are left out:
/// first those of `least_useful`, in this order, then from the right.
Fit fit_for(Grid grid, std::size_t width, bool may_hide,
            const std::vector<std::string>& least_useful);

/// Does it, to this table or to one that goes on with its rows. Then long texts lose their middle.
void apply(const Fit& fit, std::size_t width, Grid& grid);

} // namespace ctrack::query
