// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "query/report/options.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// The window that -b, -e, --last and --at choose. Without -e it reaches to the end of what was
/// recorded. A clock time without a day is one of the day on which the recording ended, or the one
/// before; if that is not today, stderr says so. Throws UsageError.
Window window_of(const Options& options, std::int64_t now, Database& database);

/// The same window, but open (0, the greatest number) where the user asked for no begin or no end.
Window asked_window(const Options& options, Window window);

/// How long --last is. Throws UsageError.
std::int64_t last_length(const Options& options);

/// The window from one time to another, which are texts of the user. If both are clock times, the
/// second is on the day of the first, or less than half a day later. Throws UsageError.
Window window_between(const std::string& from, const std::string& to, std::int64_t now,
                      Database& database);

} // namespace ctrack::query
