// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ctrack::query {

/// The candidate most like `name`, empty if none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

} // namespace ctrack::query
