// SPDX-License-Identifier: Apache-2.0
//
// What the comments of the schema say of each table, view and column.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctrack::query {

struct Described {
    std::string name;
    bool is_view = false;
    std::string description;
    std::vector<std::pair<std::string, std::string>> columns; ///< name, description
};

/// Of a CREATE TABLE statement: "-- text" after the bracket is the table's, the comments
/// behind a column are the column's, on the lines after it too. Of a CREATE VIEW the
/// comment behind AS.
Described describe(std::string_view sql);

/// All tables and views of schema.sql. A column without a comment, as those of views, has that of a
/// column with its name.
std::vector<Described> described_schema();

} // namespace ctrack::query
