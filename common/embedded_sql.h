// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace ctrack {

/// A .sql file of the source tree, put into the program at build time.
struct EmbeddedSql {
    std::string_view name; ///< file name without its ending
    std::string_view text;
};

} // namespace ctrack
