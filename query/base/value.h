// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace ctrack::query {

/// One value of a result as SQLite gave it. A monostate stands for NULL, and a BLOB is given as
/// its hexadecimal digits. A text may hold any bytes, because nothing promises that it is UTF-8.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

using Row = std::vector<Value>;

} // namespace ctrack::query
