// SPDX-License-Identifier: Apache-2.0
//
// What is no report: one file for each command, one form for all of them. Each may
// throw UsageError, ClosedPipe, or another std::exception with one line. One that looks
// for something returns 1 if it has found something wrong, else 0.
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
