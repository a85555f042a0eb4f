// SPDX-License-Identifier: Apache-2.0
#include "query/report/window.h"

#include <limits>

#include <fmt/format.h>

#include "query/base/usage_error.h"
#include "query/time/parse_time.h"

namespace ctrack::query {

Window window_of(const Options& options, std::int64_t now, Database& database) {
    if (options.at) {
        const auto moment = parse_time(*options.at, now);
        return {moment, moment + 1};
    }
    const auto begin = options.begin ? parse_time(*options.begin, now) : 0;
    if (!options.end)
        return {begin, database.recorded().value_or(Window{0, now}).end_us};
    const auto end = parse_time(*options.end, now);
    if (options.begin && end <= begin)
        throw UsageError(
            fmt::format("bad window: -e '{}' is not after -b '{}'", *options.end, *options.begin));
    return {begin, end};
}

Window asked_window(const Options& options, Window window) {
    if (!options.begin && !options.at)
        window.begin_us = 0;
    if (!options.end && !options.at)
        window.end_us = std::numeric_limits<std::int64_t>::max();
    return window;
}

} // namespace ctrack::query
