// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "recorder/checks/check.h"

namespace ctrack {

/// One line for each part, below those that are not ok what that costs and what to do about it, and
/// at the end a line with the sum. Texts of others are escaped.
std::string text_of(const Checks& checks);

/// Whether any of them fails.
bool any_fails(const Checks& checks);

} // namespace ctrack
