// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "query/report/options.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// What -b, -e and --at choose; without -e up to the end of what was recorded. Throws
/// UsageError.
Window window_of(const Options& options, std::int64_t now, Database& database);

} // namespace ctrack::query
