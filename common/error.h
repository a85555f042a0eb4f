// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace ctrack {

/// Something that the user must know to go on. what() is one line that says what failed, why, and
/// what to try. The program ends with exit code 1.
struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A file cannot be written for now: the disk is full, read-only or fails. Trying again
/// later may help.
struct StorageError : Error {
    using Error::Error;
};

/// A file is damaged, or is no database at all.
struct DamagedFile : Error {
    using Error::Error;
};

} // namespace ctrack
