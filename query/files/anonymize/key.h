// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ctrack::query::anonymize {

/// Reads a key file. Throws Error if it cannot be read, if others than its owner may use it, if it
/// has not between 32 and 4096 bytes, or if few of them differ.
std::string read_key(const std::string& path);

} // namespace ctrack::query::anonymize
