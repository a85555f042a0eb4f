// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "manual/reference.h"
#include "query/report/report.h"

namespace ctrack::manual {

/// What a report is called, shows and takes. It is compiled for the recording in that file.
Json report_reference(const query::Report& report, const std::string& file);

} // namespace ctrack::manual
