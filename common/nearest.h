// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ctrack {

/// The candidate that is most like `name`, or an empty text if none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

} // namespace ctrack
