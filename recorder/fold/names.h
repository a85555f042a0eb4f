// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "recorder/fold/batch.h"

namespace ctrack {

/// The names that the SQL tables use.
const char* name_of(StartKind kind);
const char* name_of(WaitsFor end);
const char* direction_name(unsigned direction);
std::uint8_t direction_named(std::string_view name); ///< 0 for "unknown" and other names
const char* pid_source_name(unsigned source);

} // namespace ctrack
