// SPDX-License-Identifier: Apache-2.0
//
// Options that stand for a filter: -p 812 is 'pid = 812'.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/filter/ast.h"

namespace ctrack::query::filter {

struct Option {
    std::string_view names;      ///< as "-p,--pid"
    std::string_view value_name; ///< for the help; empty: an option without a value
    std::string_view help;
    std::string_view field;
    std::string_view value; ///< of an option without one
};

/// As messages name it: -p.
inline std::string_view short_name(const Option& option) {
    return option.names.substr(0, option.names.find(','));
}

/// The options, in the order of the help.
std::span<const Option> options();

/// An option of the command line and the text given to it.
struct Given {
    const Option* option;
    std::string text;
};

/// The filter these and the words stand for: options of one field are alternatives,
/// the others must all hold, and so must the words (empty: none). Nothing if there
/// are neither. Throws UsageError.
std::optional<Expression> expression_of(const std::vector<Given>& given, std::string_view words,
                                        std::int64_t now_us);

} // namespace ctrack::query::filter
