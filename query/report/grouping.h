// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "query/report/report.h"

namespace ctrack::query {

/// The report with its statement for that --by, or the one for none. The columns come
/// from the report's file: `by` only chooses. Throws UsageError, which lists what there
/// is and suggests the nearest, if it is none of them.
Report chosen_by(Report report, const std::optional<std::string>& by);

} // namespace ctrack::query
