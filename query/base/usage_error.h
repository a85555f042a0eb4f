// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace ctrack::query {

/// The command line is wrong, and what() tells the user so in one line. The program then ends
/// with 2; any other exception ends it with 1.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace ctrack::query
