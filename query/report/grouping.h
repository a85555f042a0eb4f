// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "query/report/report.h"

namespace ctrack::query {

/// The report with the statement that groups its rows by the word of --by, or with its first
/// statement if there is no --by. The columns come from the report's file, so the word only
/// chooses among them. Throws UsageError, which lists the words there are and suggests the
/// nearest, if the report has no such word.
Report grouped_by(Report report, const std::optional<std::string>& by);

} // namespace ctrack::query
