// SPDX-License-Identifier: Apache-2.0
//
// The commands that are no reports. Each has a file of its own, and all have the same form. A
// command may throw UsageError, ClosedPipe, or another std::exception whose text is one line. One
// that checks something returns 1 if it has found something wrong; all others return 0.
#pragma once

#include "query/render/output.h"
#include "query/report/options.h"

namespace ctrack::query::command {

int snapshot(const Options& options, Output& out);
int verify(const Options& options, Output& out);
int merge(const Options& options, Output& out);
int diff(const Options& options, Output& out);
int export_(const Options& options, Output& out);
int schema(const Options& options, Output& out);
int sql(const Options& options, Output& out);

} // namespace ctrack::query::command
