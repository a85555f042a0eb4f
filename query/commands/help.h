// SPDX-License-Identifier: Apache-2.0
//
// The help of a command is query/commands/NAME.txt, which begins with "NAME: what it does".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ctrack::query::command {

/// The first line of the help of a command.
struct HelpLine {
    std::string name, text;
};

/// The first lines of the helps of all commands.
std::vector<HelpLine> help_lines();

/// The help of a command; empty if there is no such command.
std::string help(std::string_view name);

} // namespace ctrack::query::command
