// SPDX-License-Identifier: Apache-2.0
//
// An option that would change nothing in a report is a misunderstanding, so it is refused. Each
// function is what the table of options names for one option: it throws UsageError if the report
// has no use for it.
#pragma once

#include <optional>

#include "query/filter/condition.h"
#include "query/report/options.h"
#include "query/report/prepared_report.h"

namespace ctrack::query {

namespace refuse {

void begin(const Options& options, const PreparedReport& report);
void end(const Options& options, const PreparedReport& report);
void last(const Options& options, const PreparedReport& report);
void at(const Options& options, const PreparedReport& report);
void interval(const Options& options, const PreparedReport& report);
void follow(const Options& options, const PreparedReport& report);
void limit(const Options& options, const PreparedReport& report);
void sort(const Options& options, const PreparedReport& report);
void wide(const Options& options, const PreparedReport& report);
void utc(const Options& options, const PreparedReport& report);
void times(const Options& options, const PreparedReport& report);
void color(const Options& options, const PreparedReport& report);
void parameters(const Options& options, const PreparedReport& report);

} // namespace refuse

/// Throws UsageError if an option that is given, or the filter, would change nothing in the
/// report.
void refuse_useless(const Options& options, const std::optional<filter::Condition>& filter,
                    const PreparedReport& report);

} // namespace ctrack::query
