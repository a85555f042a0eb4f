// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ctrack::query {

/// The text of query/sql/NAME.sql, which the build puts into the program.
std::string sql_text(std::string_view name);

} // namespace ctrack::query
