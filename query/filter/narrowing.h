// SPDX-License-Identifier: Apache-2.0
//
// Options that stand for a filter: -p 812 means 'pid = 812'.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/filter/condition.h"

namespace ctrack::query::filter {

/// What an option filters by.
struct Narrowing {
    std::string_view field;
    std::string_view value; ///< of an option without a value of its own, as -4; else empty
};

/// An option of the command line that narrows, and the text given to it.
struct Given {
    std::string_view option; ///< as messages name it: "-p"
    std::string_view field;
    std::string text;
};

/// The values that an option was given, of which each is an alternative.
std::vector<std::string> values_of(const Given& given);

/// The filter that these options and the words stand for. Options of one field are alternatives;
/// different fields must all hold, and so must the words, which may be empty. Nothing if there
/// are neither options nor words. Throws UsageError.
std::optional<Condition> condition_of(const std::vector<Given>& given, std::string_view words,
                                      std::int64_t now_us);

} // namespace ctrack::query::filter
