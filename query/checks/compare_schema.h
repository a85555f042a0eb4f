// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/sql/database.h"

namespace ctrack::query {

/// One line for each table, index or view of ctrack that is missing in the file, or is not as
/// ctrack makes it. Others in the file are the user's own, and are not looked at.
std::vector<std::string> schema_differences(Database& database);

} // namespace ctrack::query
