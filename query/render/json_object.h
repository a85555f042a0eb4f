// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/base/value.h"
#include "query/render/layout.h"

namespace ctrack::query {

/// A row as a JSON object on one line. Integers of 64 bits keep all their digits, and bytes that
/// are not UTF-8 become U+FFFD. A name that occurs twice, as SQL allows, is written twice.
/// Infinity becomes null. A text of the unit json is written as the JSON that it is.
std::string json_object(const std::vector<std::string>& columns, const Row& row,
                        const Layout& layout);

} // namespace ctrack::query
