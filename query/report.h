// SPDX-License-Identifier: Apache-2.0
//
// A report is one .sql file of query/reports. Its leading comment is its help:
//
//   -- NAME: the question it answers, on one line
//   --
//   -- Anything else a user should know.
//   --
//   -- column NAME: [hidden] [UNIT] [as HEADING]; meaning
//   SELECT ...
//
// The column lines say how a table shows a column (units.h has the units; plain
// is the default); a hidden one only with -w or -f. More lines that are not part of the
// help:
//
//   -- moment          the rows are things that last, so --at makes sense
//   -- layout record   one line for each column, not one for each row
//   -- bar NAME        tables draw this column as bars
//   -- footer          the rest of the file is a query shown below the table
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "query/units.h"

namespace ctrack::query {

/// How a table shows one column.
struct ColumnFormat {
    Unit unit = Unit::plain;
    std::string heading; ///< empty: made from the name
    bool is_hidden = false;
    std::string meaning = {}; ///< may be empty
};

/// How a table shows a result.
struct Layout {
    std::map<std::string, ColumnFormat> columns; ///< by SQL name
    bool as_record = false;
    std::string bar; ///< SQL name of the column drawn as bars; empty: none
};

/// One statement and how a table shows its result.
struct Query {
    std::string sql;
    Layout layout;
    bool is_of_moment = false; ///< can be asked for one moment
};

struct Report {
    std::string name;
    std::string question;
    std::string help; ///< several lines, each ending in a newline
    Query main;
    std::optional<Query> footer;
};

/// Reads a report's file. Throws std::invalid_argument, which names the report
/// if the comment is not as above.
Report parse_report(std::string_view name, std::string_view text);

} // namespace ctrack::query
