// SPDX-License-Identifier: Apache-2.0
//
// Which columns of a result are shown, and in which order its rows come.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/render/renderer.h"
#include "query/report/report.h"

namespace ctrack::query {

/// The columns a result has: their SQL names, and how a table shows them.
struct Columns {
    const std::vector<std::string>& names;
    const Layout& layout;
};

/// Whether the result has a column that is so. The layout may have others, of another --by.
bool any_column(const Columns& columns, bool (*is_so)(const ColumnFormat&));

/// Where the column is that the user means by its SQL name, that name without
/// _us, or a table's heading. Throws UsageError, which lists the columns.
std::size_t column_at(const Columns& columns, const std::string& name);

/// The statement with its rows in the order of -s: COLUMN, the greatest first but
/// text from A to Z; -COLUMN the other way; COLUMN:asc and COLUMN:desc. At most
/// `limit` rows (-1: all); the statement's own :limit must be bound to -1.
std::string sorted_sql(const std::string& sql, const Columns& columns, const std::string& order,
                       std::int64_t limit);

/// A renderer that hands on only the columns of -f ("a,b,c"), in that order, to
/// `inner`, which must live as long. Throws UsageError.
std::unique_ptr<Renderer> choose_columns(const Columns& columns, const std::string& list,
                                         Renderer& inner);

/// The layout with its column of hosts shown.
Layout with_hosts(Layout layout);

/// The layout with the hidden columns shown too.
Layout widened(Layout layout);

} // namespace ctrack::query
