// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/fuzz/hostile/choices.h"

namespace ctrack::hostile {

/// What stdout must be if a run succeeds.
enum class Form { table, json, ndjson, other };

struct Run {
    std::vector<std::string> arguments; ///< are those of ctrack-query
    Form form;
};

/// Every report and every command, once each, on the file mutant.db in the current folder. What
/// they are given besides (format, window, filter, a second file) is chosen, so that many mutants
/// meet all of it. Other files there are real.db, key and what these runs make.
std::vector<Run> all_runs(Choices& choices);

} // namespace ctrack::hostile
