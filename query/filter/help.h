// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ctrack::query::filter {

/// The text of 'ctrack-query help filter': the grammar and every field.
std::string help();

} // namespace ctrack::query::filter
