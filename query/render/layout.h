// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "query/render/units.h"

namespace ctrack::query {

/// How a table shows one column.
struct ColumnFormat {
    Unit unit = Unit::plain;
    std::string heading; ///< is made from the name if it is empty
    bool is_hidden = false;
    std::string meaning = {}; ///< may be empty
    bool is_host = false;     ///< hidden where only one host is read
};

/// What may be done to a table that is wider than the terminal.
enum class Fitting {
    none, ///< it is shown whole
    cut,  ///< times and texts are shortened
    hide, ///< and columns are left out
};

/// How a table shows a result.
struct Layout {
    std::map<std::string, ColumnFormat> columns; ///< by SQL name
    bool as_record = false;
    std::string bar; ///< the SQL name of the column that is drawn as bars; may be empty
    std::string bar_heading = "DISTRIBUTION";
    bool is_optional = false; ///< the table is left out if it has no rows
    Fitting fitting = Fitting::cut;
    std::vector<std::string> least_useful =
        {}; ///< SQL names of columns, the first to leave out first
    std::string shows_all = "a wider terminal"; ///< is what users can do about it
    bool continues = false; ///< the rows go on below those before, without headings
};

} // namespace ctrack::query
