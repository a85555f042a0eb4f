// SPDX-License-Identifier: Apache-2.0
//
// Files that a hostile sender could have made of a real one. None of them is meant for a fault of
// SQLite itself.
#pragma once

#include <string>

#include "tests/fuzz/hostile/choices.h"

namespace ctrack::hostile {

/// Each changes the file at `path` and says what it did, in one line.
std::string change_schema(const std::string& path, Choices& choices);
std::string change_values(const std::string& path, Choices& choices);
std::string change_pages(const std::string& path, Choices& choices);

/// Writes mutant `number` to `path`, made of one of the files that make_bases.py has put into the
/// folder `bases`. The three kinds take turns. Says what it is, in one line.
std::string make_mutant(const std::string& bases, const std::string& path, unsigned seed,
                        unsigned number);

} // namespace ctrack::hostile
