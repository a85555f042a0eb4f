// SPDX-License-Identifier: Apache-2.0
//
// Options as text, and what a new reading of the config file changes of them.
#pragma once

#include <string>
#include <vector>

#include "recorder/options.h"

namespace ctrack {

/// All options in force, one NAME=VALUE a line.
std::string text_of(const Options& options);

/// What becomes of a recorder's options when it has read them again while it runs.
struct Reloaded {
    Options options;                  ///< those in force from now on
    std::vector<std::string> before;  ///< NAME=VALUE of what was in force and has changed
    std::vector<std::string> changed; ///< NAME=VALUE of the same, as it is in force now
    std::vector<std::string> waiting; ///< NAME=VALUE of what only a restart can change
};
Reloaded reload(const Options& in_force, const Options& read);

} // namespace ctrack
