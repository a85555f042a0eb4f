// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace ctrack {

/// What --help tells of one option.
struct OptionHelp {
    std::string names;         ///< as "-q,--quiet"
    std::string value;         ///< what it takes, as T or HOW:{auto,off}; empty if it takes nothing
    std::string default_value; ///< empty if there is none
    std::string meaning;
    bool is_configurable; ///< whether a config file may have it
};
std::vector<OptionHelp> option_helps();

} // namespace ctrack
