// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/report/options.h"

namespace ctrack::query {

/// Reads the command line, which is given without the name of the program. Throws UsageError.
Options parse_options(std::vector<std::string> arguments);

/// What --help explains below the options.
struct Explanation {
    std::string_view title; ///< is that of the section of the manual
    std::string_view text;
};
std::span<const Explanation> explanations();

/// The text of --help without the lists of commands and reports.
std::string usage();

} // namespace ctrack::query
