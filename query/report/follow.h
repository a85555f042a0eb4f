// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "query/filter/ast.h"
#include "query/render/output.h"
#include "query/report/options.h"
#include "query/report/report.h"

namespace ctrack::query {

/// Writes the newest rows of a report, then each new one soon after its commit, until
/// the recorder or the user stops it. The report has a column `id` that grows, and
/// takes :after_id.
void follow(const Report& report, const std::optional<filter::Expression>& filter,
            const Options& options, Output& out);

} // namespace ctrack::query
