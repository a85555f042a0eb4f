// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "query/base/value.h"

namespace ctrack::query {

/// A window in time [begin_us, end_us), in microseconds since the epoch.
struct Window {
    std::int64_t begin_us;
    std::int64_t end_us;
};

/// What the SQL of a report may ask for by name: :begin_us, :end_us, :limit, :argument,
/// :interval_us (NULL lets the report choose), :after_id and, as 1 or 0, :is_filtered,
/// :roll_up and :of_minutes.
struct Parameters {
    Window window;
    std::int64_t limit;                                 ///< -1 means no limit
    std::optional<std::string> argument = std::nullopt; ///< is set for a report that takes one
    std::optional<std::int64_t> interval_us = std::nullopt;
    std::int64_t after_id = 0;               ///< only rows with a higher id are asked for
    std::map<std::string, Value> named = {}; ///< holds what the user named, as ":name"
    /// Everything is asked for: sums of traffic answer that, so connections need not be read.
    bool roll_up = false;
    bool of_minutes = false; ///< Everything is asked for, and minutes answer that.
};

/// The value of each parameter by its name with the colon.
std::map<std::string, Value> values_by_name(const Parameters& parameters, bool is_filtered);

} // namespace ctrack::query
