// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/base/value.h"
#include "query/render/layout.h"

namespace ctrack::query {

/// A row as a JSON object on one line. 64-bit integers keep all their digits;
/// bytes that are no UTF-8 become U+FFFD; a name that occurs twice is written
/// twice, as SQL allows; infinity becomes null; text
/// of the unit json is written as the JSON it is.
std::string json_object(const std::vector<std::string>& columns, const Row& row,
                        const Layout& layout);

} // namespace ctrack::query
