// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/fuzz/hostile/child.h"
#include "tests/fuzz/hostile/runs.h"

namespace ctrack::hostile {

/// What is wrong with how a run ended or with what it wrote; empty if nothing is.
std::string fault_of(const Run& run, const Ran& ran, const Bounds& bounds);

} // namespace ctrack::hostile
