// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace ctrack::query {

/// The command line with "-r A B C REPORT", as the shell makes it of "-r *.db REPORT",
/// written out as "-r A -r B -r C REPORT". What follows a file is another one if there
/// is such a file and it is not the name of a report or command.
std::vector<std::string> spread_files(const std::vector<std::string>& arguments);

} // namespace ctrack::query
