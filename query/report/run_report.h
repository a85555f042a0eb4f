// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "query/render/output.h"
#include "query/report/options.h"
#include "query/report/report.h"

namespace ctrack::query {

/// Runs the report over what the options choose. `filter` is the filter that the user wrote in
/// words, which may be empty.
void run_report(Report report, const std::string& filter, const Options& options, Output& out);

} // namespace ctrack::query
