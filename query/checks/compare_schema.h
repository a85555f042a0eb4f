// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/sql/database.h"

namespace ctrack::query {

/// What is missing of the tables, columns and views that the file's version has, or is
/// not as it should be. What there is besides is the user's own.
std::vector<std::string> schema_differences(Database& database);

} // namespace ctrack::query
