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
// A column line says how a table shows the column. render/units.h has the units, of which plain is
// the default. A hidden column is shown only with -w or -f. The unit host is that of a host's name:
// tables show it, as HOST, only if what is read is of more than one host. The help shows two more
// lines in other words:
//
//   -- alias NAME, NAME             other names of the report
//   -- by WORD: COLUMNS; meaning    a word that --by may have, as described below
//
// These lines are not part of the help:
//
//   -- argument PATTERN; WHAT  the report needs a word after its name, which is its :argument; the
//                             regular expression says how it is written, and WHAT says it in words
//   -- losses                 the rows tell what was lost, so no notice says it again
//   -- drops                  a notice says which listeners dropped packets
//   -- moment                 the rows are things that last, so --at makes sense
//   -- all rows               without -n a table is not cut: its rows are parts of a whole
//   -- layout record          a table has one line for each column instead of one for each row
//   -- bar NAME [as HEADING]  a table draws this column as bars
//   -- narrow NAME, NAME      a terminal that is too narrow leaves out these columns, the first one
//                             first, and then others from the right
//
// Lines that end the statement and begin another, which has column lines of its own where it
// shows other columns:
//
//   -- by              takes the place of the first statement where --by is given
//   -- section         shows another table below, which is left out if it has no rows
//   -- footer          shows a record below
//   -- shared NAME     shows nothing: it is run once, before the first statement, and the
//                      others read its rows as a table of that name; with --by it is run if the
//                      statement of --by names it
//
// Where minutes answer a report over everything (from_minutes.h), these take the place of others:
//
//   -- minutes shared NAME    of the shared statement of that name
//   -- minutes by WORD, WORD  of the statement of --by, for these words
//
// A shared statement may read the shared ones above it. It stands for what takes long, or would
// stand in several statements.
//
// COLUMNS take the place of {by} in a statement, and the user's word only chooses among them. A
// hidden column is shown if COLUMNS is that column alone. If there is no statement after "-- by",
// {by} stands in the first statement, and the first choice holds where --by is not given.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/sql/query.h"

namespace ctrack::query {

/// A word that --by may have.
struct Choice {
    std::string name;
    std::string columns; ///< is the SQL that takes the place of {by}
    std::string meaning;
};

/// A statement that is run once: its rows are a table of that name for other statements.
struct SharedRows {
    std::string table;
    std::string sql;
};

/// What must follow the name of a report.
struct Argument {
    std::string pattern;  ///< is a regular expression
    std::string expected; ///< is what it matches, in words
};

/// Statements that read minutes, in place of those of the report.
struct OfMinutes {
    std::vector<SharedRows> shared = {};
    std::optional<std::string> main = {}; ///< for words of --by; it still has its {by}
    std::vector<std::string> words = {};
};

struct Report {
    std::string name;
    std::string question;
    std::string help; ///< has several lines, each of which ends in a newline
    Query main;
    std::optional<Query> footer;
    std::vector<Query> sections = {}; ///< stand between main and footer
    std::vector<std::string> aliases = {};
    std::vector<Choice> choices = {};  ///< are those of --by; statements still have their {by}
    std::optional<Query> main_by = {}; ///< takes the place of main where --by is given
    std::optional<Argument> argument = {};
    bool tells_losses = false;
    bool notes_drops = false;  ///< whether it is worth a notice which listeners dropped packets
    bool is_of_moment = false; ///< whether it makes sense to ask for one moment
    bool shows_all = false;    ///< whether a table is not cut unless the user asks for that
    std::vector<SharedRows> shared = {};
    OfMinutes minutes = {};
    bool is_users_sql = false; ///< whether the user wrote it, after the command sql
};

/// Reads the names of a line as "-- alias NAME, NAME", from the first name on.
std::vector<std::string> read_names(const std::string& line);

/// Reads the file of a report. Throws std::invalid_argument, which names the report, if the comment
/// is not as described above.
Report parse_report(std::string_view name, std::string_view text);

} // namespace ctrack::query
