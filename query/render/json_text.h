// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace ctrack::query {

/// The value as JSON in one line, or with so many blanks for each level. It is valid whatever bytes
/// are in its texts, and nothing in it acts on a terminal.
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

} // namespace ctrack::query
