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
// is the default); a hidden one only with -w or -f. Two more lines that the help shows
// in other words:
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
// Lines that end the statement and begin another, shown below the table and with column
// lines of its own (but for --by's, which has those of the first):
//
//   -- by              in place of the first where --by is given
//   -- section         another table, left out if it has no rows
//   -- footer          a record
//
// What sections and the footer share with the first statement stands once: its text above a line
//
//   -- also below
//
// is put before theirs as well, which then begin where it ends: as with WITH and what it defines.
// What takes long and both need can be had once: the file then begins with a statement without
// semicolon, a line
//
//   -- once
//
// and the statements, which say {once} where they would name a table or subquery.
//
// COLUMNS take the place of {by} in the statement; a user's word only chooses among
// them. A hidden column is shown if it is all that is chosen. Without a statement for --by, {by} is
// in the first one, and the first choice holds where --by is not given.
#pragma once

#include <functional>
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

struct Report {
    std::string name;
    std::string question;
    std::string help; ///< several lines, each ending in a newline
    Query main;
    std::optional<Query> footer;
    std::vector<Query> sections = {}; ///< between main and footer
    std::vector<std::string> aliases = {};
    std::vector<Choice> choices = {};  ///< of --by; the statements still have their {by}
    std::optional<Query> main_by = {}; ///< in place of main where --by is given
    bool takes_argument = false;
    std::string once = {}; ///< the subquery that has taken the place of {once}; empty: none
};

/// Calls the function with the SQL of what the report shows, and of what stands below it.
void for_each_statement(Report& report, const std::function<void(std::string&)>& function);

/// Reads a report's file. Throws std::invalid_argument, which names the report
/// if the comment is not as above.
Report parse_report(std::string_view name, std::string_view text);

} // namespace ctrack::query
