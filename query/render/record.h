// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "query/render/grid.h"

namespace ctrack::query {

constexpr auto no_limit = std::numeric_limits<std::size_t>::max();

/// Turns each row into a table of two columns: the headings, and the cells. A text that would make
/// it wider than `width` goes on below itself, or is cut if it is of the unit wide.
std::vector<Grid> as_records(const Grid& grid, std::size_t width);

} // namespace ctrack::query
