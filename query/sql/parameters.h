// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Statement.h>

#include "query/sql/database.h"

namespace ctrack::query {

/// Binds each parameter that the statement has. Throws ctrack::Error if it has others.
void bind_all(SQLite::Statement& statement, const Parameters& parameters, bool is_filtered);

} // namespace ctrack::query
