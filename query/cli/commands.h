// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/render/output.h"
#include "query/report/options.h"
#include "query/report/report.h"

namespace ctrack::query {

/// The names of the commands, and the names and aliases of the reports.
std::vector<std::string> command_names();

/// How a command that is no report is written.
struct CommandForm {
    std::string_view name;
    std::string_view arguments; ///< as "[FILE] [FILTER]"
};
std::vector<CommandForm> command_forms();

/// The report of that name or alias. Throws UsageError, which suggests the nearest name, if there
/// is none.
Report report_named(const std::string& name);

/// Does what the options ask for: data goes to `out`, messages go to stderr. Returns the exit
/// code, which is 1 if a check has found something wrong. Throws UsageError, ClosedPipe, or
/// another std::exception whose text is one line.
int run(const Options& options, Output& out);

} // namespace ctrack::query
