// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>

#include "query/filter/condition.h"

namespace ctrack::query {

/// What reports read, all of it TEMP: the tables of prelude.sql, and views of the rows of all
/// files. The views named chosen_* hold what is of the window and what the filter takes.
class Views {
public:
    /// `widened` are tables of the first file with columns of a user's own, which reports must not
    /// find.
    Views(SQLite::Database& db, bool is_filtered, std::size_t files,
          const std::set<std::string>& widened);

    /// Makes the tables. Throws UsageError if the filter is more than SQLite can read.
    void make(const std::optional<filter::Condition>& filter);

    /// Makes the views that the SQL names, and those behind them. The others are not made, because
    /// making all of them takes longer than many a report.
    void make_for(std::string_view sql);

    /// From now on tables and columns of a user's own are found; those of several files are one,
    /// too.
    void show_what_is_of_users();

    /// The views hold all connections, events and RTT samples, as they do at first.
    void find_all();

    /// Narrows the views to the connections of the window that is in the table window.
    void find_connections();

    /// Narrows the views to the events and RTT samples of that window.
    void find_rows();

    /// Sums up what each connection moved in that window.
    void find_moved();

private:
    void add_facts();
    void add_events(bool is_filtered);
    void add_counts(bool is_filtered);
    void add_chosen(const filter::Condition& filter);

    SQLite::Database& db_;
    std::size_t files_;
    std::map<std::string, std::string> unmade_; ///< are the texts of views by their names
};

} // namespace ctrack::query
