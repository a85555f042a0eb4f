// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace ctrack::query {

/// Something wrong with the command line; what() is one line for the user.
/// The program ends with 2. Any other exception ends it with 1.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace ctrack::query
