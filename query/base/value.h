// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace ctrack::query {

/// One value of a result as SQLite gave it; monostate is NULL, a BLOB is its
/// hexadecimal digits. Text may hold any bytes: nothing promises UTF-8.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

using Row = std::vector<Value>;

} // namespace ctrack::query
