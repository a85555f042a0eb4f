// SPDX-License-Identifier: Apache-2.0
//
// Decides which columns of a result are shown, and in which order its rows come.
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

/// Where the column is that the user names: by its SQL name, by that name without _us, or by its
/// heading in a table. Throws UsageError, which lists the columns.
std::size_t column_at(const Columns& columns, const std::string& name);

/// A statement that gives the rows of `sql` in the order of -s. COLUMN puts the greatest first, but
/// sorts text from A to Z; -COLUMN means the other way; COLUMN:asc and COLUMN:desc say which. It
/// gives at most `limit` rows, or all if that is -1, so the :limit of `sql` must be -1.
std::string sorted_sql(const std::string& sql, const Columns& columns, const std::string& order,
                       std::int64_t limit);

/// A renderer that hands only the columns of -f ("a,b,c") on to `inner`, in that order; `inner`
/// must live as long. Throws UsageError if there is no such column.
std::unique_ptr<Renderer> choose_columns(const Columns& columns, const std::string& list,
                                         Renderer& inner);

/// The layout with its column of hosts shown.
Layout with_hosts(Layout layout);

/// The layout, in which no column is hidden any more.
Layout widened(Layout layout);

} // namespace ctrack::query
