// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "query/report/options.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// The window that -b, -e and --at choose. Without -e it reaches to the end of what was recorded.
/// Throws UsageError.
Window window_of(const Options& options, std::int64_t now, Database& database);

/// The same window, but open (0, the greatest number) where the user asked for no begin or no end.
Window asked_window(const Options& options, Window window);

} // namespace ctrack::query
