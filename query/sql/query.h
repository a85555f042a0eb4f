// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "query/render/layout.h"

namespace ctrack::query {

/// One statement and how a table shows its result.
struct Query {
    std::string sql;
    Layout layout;
};

} // namespace ctrack::query
