// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "query/render/layout.h"

namespace ctrack::query {

/// One statement and how a table shows its result.
struct Query {
    std::string sql;
    Layout layout;
    bool is_of_moment = false; ///< whether it makes sense to ask for one moment
};

} // namespace ctrack::query
