// SPDX-License-Identifier: Apache-2.0
#include "query/report/options.h"

#include <algorithm>

#include <fmt/format.h>

namespace ctrack::query {

bool is_given(const Options& options, std::string_view short_name) {
    return std::any_of(options.given.begin(), options.given.end(),
                       [&](const Option* option) { return option->short_name() == short_name; });
}

std::int64_t row_limit(const Options& options) {
    const auto limit =
        options.limit.value_or(options.format == Format::table ? rows_for_people : 0);
    return limit == 0 ? -1 : limit;
}

std::string filter_words(const Options& options, std::size_t first) {
    const auto& words = options.arguments;
    const auto skipped = static_cast<std::ptrdiff_t>(std::min(first, words.size()));
    return fmt::format("{}", fmt::join(words.begin() + skipped, words.end(), " "));
}

std::unique_ptr<Renderer> renderer_for(const Options& options, Output& out) {
    return make_renderer(options.format, out, options.color.value_or(Color::automatic),
                         options.times);
}

} // namespace ctrack::query
