// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <SQLiteCpp/Database.h>

#include "query/filter/ast.h"

namespace ctrack::query {

/// The text of query/sql/NAME.sql.
std::string embedded_sql(std::string_view name);

/// Makes what reports read, all of it TEMP: the views and tables of prelude.sql, and the
/// views chosen_* and connections_about_* of what the filter takes. Throws UsageError if that is
/// more than SQLite can read.
void make_views(SQLite::Database& db, const std::optional<filter::Expression>& filter,
                std::size_t files);

} // namespace ctrack::query
