// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace ctrack::query {

/// Writes a line to stderr, after the program's name. Names of others in it cannot act on the
/// terminal. Nothing else of this program writes there, but for what libraries and Watch do.
void say(std::string_view line);

} // namespace ctrack::query
