// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/sql/database.h"

namespace ctrack::query {

/// Which tables, indexes and views of ours are missing in the file, or are not as ctrack makes
/// them. Others that the file has are the user's own.
std::vector<std::string> schema_differences(Database& database);

} // namespace ctrack::query
