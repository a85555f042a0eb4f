// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ctrack::query {

/// Replaces each `place` in `whole` by the text. What the text itself contains is left as it is.
inline void replace_all(std::string& whole, std::string_view place, std::string_view text) {
    for (auto at = whole.find(place); at != std::string::npos;
         at = whole.find(place, at + text.size()))
        whole.replace(at, place.size(), text);
}

} // namespace ctrack::query
