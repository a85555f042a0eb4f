// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "recorder/fold/batch.h"

namespace ctrack {

/// The names used in SQL.
const char* name_of(StartKind kind);
const char* direction_name(unsigned direction);
const char* pid_source_name(unsigned source);

} // namespace ctrack
