// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "query/cli/options.h"
#include "query/render/output.h"

namespace ctrack::query {

/// Does what the options ask for: data to `out`, messages to stderr. Returns the exit
/// code: 1 if a check has found something wrong. Throws UsageError, ClosedPipe, or another
/// std::exception with one line.
int run(const Options& options, Output& out);

} // namespace ctrack::query
