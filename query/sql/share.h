// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

/// Adds the SQL function share(COUNT, FROM, UNTIL, BEGIN, END): how much of a count that grew
/// evenly from FROM to UNTIL did so between BEGIN and END. Both times are rounded down to a whole
/// count, so the shares of windows that follow each other add up.
void add_share(SQLite::Database& db);

} // namespace ctrack::query
