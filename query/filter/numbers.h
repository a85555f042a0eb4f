// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ctrack::query::filter {

/// A whole number, which may have a sign.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// "50ms", "1.5s", "2h" in microseconds; of 0 alone the unit may be missing.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// "10MiB", "1.5kB", "4096" in bytes.
std::optional<std::int64_t> parse_size(std::string_view text);

/// "ECONNREFUSED" or "111".
std::optional<std::int64_t> parse_errno(std::string_view text);

} // namespace ctrack::query::filter
