// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "query/filter/condition.h"
#include "query/render/output.h"
#include "query/report/options.h"
#include "query/report/report.h"

namespace ctrack::query {

/// Writes the newest rows of a report, then each new row soon after its commit, until the recorder
/// or the user stops. The report must have a column `id` that grows, and take :after_id.
void follow(const Report& report, const std::optional<filter::Condition>& filter,
            const Options& options, Output& out);

} // namespace ctrack::query
