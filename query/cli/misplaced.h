// SPDX-License-Identifier: Apache-2.0
//
// Words that are right in another place, or that other programs have for what is meant.
#pragma once

#include <string>
#include <string_view>

#include "query/report/options.h"

namespace ctrack::query {

/// Refuses a file or SQL where a report or a filter is expected, SQL without quotes, and a clock
/// time or a number where a filter begins. The first word of a filter is the name of a field, which
/// looks like none of them. Throws UsageError, which says where the word belongs.
void refuse_misplaced(const Options& options);

/// The option that is probably meant by one that there is not, or nothing.
std::string option_meant_by(std::string_view unknown);

} // namespace ctrack::query
