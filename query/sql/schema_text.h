// SPDX-License-Identifier: Apache-2.0
//
// What schema/schema.sql says of each table, view and column, for people and for checks.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ctrack::query {

struct Described {
    std::string name;
    bool is_view = false;
    std::string description;
    std::vector<std::pair<std::string, std::string>> columns; ///< name, description
    std::vector<std::string> checks; ///< the expressions that its rows must not make false
};

/// Reads a CREATE statement as schema.sql has them: each column of a table begins a line, and a
/// comment belongs to the column before it, or before any column to the table. Of a view, a
/// comment belongs to the column that ends its line, in the first line to the view.
Described describe(const std::string& sql);

/// All tables and views of schema.sql. A column without a comment, as most of those of views, has
/// that of a column with its name.
std::vector<Described> described_schema();

} // namespace ctrack::query
