// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "recorder/options.h"

namespace ctrack {

/// All options in force, one NAME=VALUE a line.
std::string text_of(const Options& options);

} // namespace ctrack
