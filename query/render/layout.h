// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "query/render/units.h"

namespace ctrack::query {

/// How a table shows one column.
struct ColumnFormat {
    Unit unit = Unit::plain;
    std::string heading; ///< empty: made from the name
    bool is_hidden = false;
    std::string meaning = {}; ///< may be empty
    bool is_host = false;     ///< hidden where only one host is read
};

/// How a table shows a result.
struct Layout {
    std::map<std::string, ColumnFormat> columns; ///< by SQL name
    bool as_record = false;
    std::string bar; ///< SQL name of the column drawn as bars; empty: none
    std::string bar_heading = "DISTRIBUTION";
    bool is_optional = false; ///< left out without rows
    bool continues = false;   ///< goes on below the rows before: no headings again
};

} // namespace ctrack::query
