// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ctrack::query::filter {

/// What 'ctrack-query help filter' says: the grammar and every field.
std::string help();

} // namespace ctrack::query::filter
