// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ctrack::query {

/// Replaces each `place` in the SQL by the text. What the text itself contains is left as it is.
inline void replace_all(std::string& sql, std::string_view place, std::string_view text) {
    for (auto at = sql.find(place); at != std::string::npos; at = sql.find(place, at + text.size()))
        sql.replace(at, place.size(), text);
}

} // namespace ctrack::query
