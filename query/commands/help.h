// SPDX-License-Identifier: Apache-2.0
//
// A command's help is query/command/NAME.txt: "NAME: what it does", then the rest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ctrack::query::command {

struct Summary {
    std::string name, text;
};

/// One line for each command.
std::vector<Summary> summaries();

/// Empty if there is no such command.
std::string help(std::string_view name);

} // namespace ctrack::query::command
