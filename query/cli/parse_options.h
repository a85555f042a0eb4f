// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/report/options.h"

namespace ctrack::query {

/// Reads the command line, which is given without the name of the program. Throws UsageError.
Options parse_options(std::vector<std::string> arguments);

/// The text of --help without the lists of commands and reports.
std::string usage();

} // namespace ctrack::query
