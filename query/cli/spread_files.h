// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace ctrack::query {

/// Writes "-r A B C REPORT", which the shell makes of "-r *.db REPORT", out as
/// "-r A -r B -r C REPORT". A word after a file is taken as another file if such a file exists and
/// the word is not the name of a report or command.
std::vector<std::string> spread_files(const std::vector<std::string>& arguments);

} // namespace ctrack::query
