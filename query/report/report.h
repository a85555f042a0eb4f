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
// is the default); a hidden one only with -w or -f. The unit host stands for the name of a host:
// tables show it, as HOST, only where what is read is of more than one host. Two more lines that
// the help shows in other words:
//
//   -- alias NAME, NAME             what else it is called
//   -- by WORD: COLUMNS; meaning    a choice of --by, see below
//
// and some that are not part of it:
//
//   -- argument        the first word after the report is its :argument, without which
//                      it cannot be asked
//   -- moment          the rows are things that last, so --at makes sense
//   -- layout record   one line for each column, not one for each row
//   -- bar NAME [as HEADING]  tables draw this column as bars
//
// Lines that end the statement and begin another, which has column lines of its own where it
// shows other columns:
//
//   -- by              takes the place of the first statement where --by is given
//   -- section         shows another table below, which is left out if it has no rows
//   -- footer          shows a record below
//   -- shared NAME     shows nothing: it is run once, before the first statement, and all
//                      statements but that of --by read its rows as a table of that name
//
// A shared statement may read the shared ones above it. It stands for what takes long, or would
// stand in several statements.
//
// COLUMNS take the place of {by} in the statement; a user's word only chooses among
// them. A hidden column is shown if it is all that is chosen. Without a statement for --by, {by} is
// in the first one, and the first choice holds where --by is not given.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/sql/query.h"

namespace ctrack::query {

/// What --by may say.
struct Choice {
    std::string name;
    std::string columns; ///< SQL: takes the place of {by}
    std::string meaning;
};

/// A statement that is run once: its rows are a table of that name for other statements.
struct SharedRows {
    std::string table;
    std::string sql;
};

struct Report {
    std::string name;
    std::string question;
    std::string help; ///< several lines, each ending in a newline
    Query main;
    std::optional<Query> footer;
    std::vector<Query> sections = {}; ///< stand between main and footer
    std::vector<std::string> aliases = {};
    std::vector<Choice> choices = {};  ///< of --by; the statements still have their {by}
    std::optional<Query> main_by = {}; ///< takes the place of main where --by is given
    bool takes_argument = false;
    std::vector<SharedRows> shared = {};
};

/// Reads a report's file. Throws std::invalid_argument, which names the report
/// if the comment is not as above.
Report parse_report(std::string_view name, std::string_view text);

} // namespace ctrack::query
