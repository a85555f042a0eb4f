// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ctrack::query {

/// The text as one word of a command line for a shell: in quotes, unless it needs none.
std::string shell_word(std::string_view text);

/// Several of them, with the separator between.
std::string shell_words(const std::vector<std::string>& texts, std::string_view separator);

} // namespace ctrack::query
