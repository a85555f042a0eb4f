// SPDX-License-Identifier: Apache-2.0
//
// What --check tells, and what each recording stores of its host.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/file_descriptor.h"
#include "recorder/checks/check.h"
#include "recorder/kernel/probe.h"
#include "recorder/options.h"
#include "recorder/terminal.h"

namespace ctrack {

/// Before the programs are loaded.
Checks check_before_start(const Options& options);

/// Once they are attached. `others` were on the hook before.
Checks check_started(const Options& options, const Probe& probe,
                     const std::vector<std::string>& others, std::optional<Adoption> adoption);

/// Says in one line which parts give less, if any do.
void say_less(const Checks& checks, Terminal& terminal);

void append(Checks& checks, const Checks& more);

/// Does --check: tries all that a recording needs, but neither makes nor changes a file, and prints
/// what it found to stdout. Returns the exit code: 1 if nothing can be recorded.
int run_checks(const Options& options, const FileDescriptor& stop);

} // namespace ctrack
