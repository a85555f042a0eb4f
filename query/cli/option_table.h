// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "query/report/options.h"

namespace ctrack::query {

/// Every option of ctrack-query, in the order of the help. A new one is a line here.
std::span<const Option> option_table();

/// Whether the command takes the option; "reports" stands for every report.
bool is_taken_by(const Option& option, std::string_view command);

/// The words that the value of the option may be; none where values are free.
std::vector<std::string_view> value_words(const Option& option);

} // namespace ctrack::query
