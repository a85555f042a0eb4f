// SPDX-License-Identifier: Apache-2.0
#include "query/report/useless_options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "query/base/usage_error.h"

namespace ctrack::query {

namespace {

[[noreturn]] void leave_out(const PreparedReport& report, std::string_view what,
                            std::string_view option) {
    throw UsageError(fmt::format("{} {}: leave out {}", report.report().name, what, option));
}

// Refuses an option that only sets a parameter, if the report does not have this parameter.
void require_taken(const PreparedReport& report, const std::string& parameter,
                   std::string_view what, std::string_view option) {
    if (report.takes(parameter))
        return;
    if (report.report().is_users_sql)
        throw UsageError(fmt::format("this SQL does not use {}: leave out {}", parameter, option));
    leave_out(report, what, option);
}

std::string_view filter_option(const Options& options) {
    return options.narrowing.empty() ? "the filter" : options.narrowing.front().option;
}

// The views from which a filter chooses. A report that reads none of them takes no filter.
constexpr std::array<std::string_view, 5> filtered_by_connections{
    "chosen_connections", "chosen_events", "newest_events", "chosen_rtt_samples",
    "chosen_intervals"};

void refuse_filter(const Options& options, const filter::Condition& filter,
                   const PreparedReport& report) {
    if (std::any_of(filtered_by_connections.begin(), filtered_by_connections.end(),
                    [&](std::string_view table) { return report.reads(table); }))
        return;
    if (report.report().is_users_sql && !report.reads("chosen_listeners"))
        throw UsageError("this SQL reads no chosen_* view, so the filter would change nothing: "
                         "read chosen_connections instead of connections");
    if (!report.reads("chosen_listeners"))
        leave_out(report, "takes no filter", filter_option(options));
    if (const auto* field = filter.not_of_listeners)
        throw UsageError(
            fmt::format("{} has no {} to filter by", report.report().name, field->name));
}

bool is_time(const ColumnFormat& column) {
    return column.unit == Unit::time || column.unit == Unit::second;
}

bool footer_shows_times(const Report& report) {
    return report.footer &&
           std::any_of(report.footer->layout.columns.begin(), report.footer->layout.columns.end(),
                       [](const auto& column) { return is_time(column.second); });
}

} // namespace

namespace refuse {

void begin(const Options&, const PreparedReport& report) {
    require_taken(report, ":begin_us", report.takes(":end_us") ? "has no begin" : "has no window",
                  "-b");
}

void end(const Options&, const PreparedReport& report) {
    require_taken(report, ":end_us", "has no window", "-e");
}

void last(const Options&, const PreparedReport& report) {
    require_taken(report, ":begin_us", report.takes(":end_us") ? "has no begin" : "has no window",
                  "--last");
}

void at(const Options& options, const PreparedReport& report) {
    if (!report.report().is_of_moment)
        leave_out(report, "is not about a moment", "--at");
    if (options.begin || options.end)
        throw UsageError("--at is a window of its own: leave out -b and -e");
}

void interval(const Options&, const PreparedReport& report) {
    require_taken(report, ":interval_us", "has no intervals", "--interval");
}

void follow(const Options& options, const PreparedReport& report) {
    if (!report.takes(":after_id"))
        leave_out(report, "cannot be followed", "-F");
    if (options.files.size() > 1)
        throw UsageError("-F follows one file: leave out the other -r");
    if (options.end || options.at || options.sort)
        throw UsageError("-F goes on with what happens: leave out -e, --at and -s");
    if (options.format != Format::table && options.format != Format::ndjson)
        throw UsageError("-F writes a table or ndjson: use -o ndjson");
}

void limit(const Options& options, const PreparedReport& report) {
    if (!options.sort)
        require_taken(report, ":limit", "has no limit", "-n");
}

void sort(const Options&, const PreparedReport& report) {
    if (report.report().main.layout.as_record)
        leave_out(report, "has one row", "-s");
}

void wide(const Options& options, const PreparedReport& report) {
    if (options.format != Format::table)
        throw UsageError("only a table hides columns: leave out -w");
    if (options.columns)
        throw UsageError("-f names the columns: leave out -w");
    if (!any_column(report.columns(), [](const ColumnFormat& column) { return column.is_hidden; }))
        leave_out(report, "has no hidden columns", "-w");
}

void utc(const Options& options, const PreparedReport& report) {
    if (options.begin || options.end || options.at || options.last || !options.arguments.empty())
        return; // --utc says how times in these are read
    if (options.format != Format::table && !writes_iso(options.format, options.times))
        throw UsageError("times are numbers here: leave out --utc, or add --times iso");
    if (!any_column(report.columns(), is_time) && !footer_shows_times(report.report()))
        leave_out(report, "shows no times", "--utc");
}

void times(const Options& options, const PreparedReport& report) {
    if (options.format == Format::table || options.format == Format::openmetrics)
        throw UsageError("--times is for csv, tsv, json and ndjson: leave it out, or choose one of "
                         "them with -o");
    if (!any_column(report.columns(), is_time))
        leave_out(report, "shows no times", "--times");
}

void color(const Options& options, const PreparedReport&) {
    if (options.format != Format::table)
        throw UsageError("only a table has colours: leave out --color");
}

void parameters(const Options& options, const PreparedReport& report) {
    for (const auto& parameter : options.parameters) {
        const auto name = ":" + parameter.substr(0, parameter.find('='));
        if (name.size() > 1 && parameter.find('=') != std::string::npos && !report.takes(name))
            throw UsageError(fmt::format("the SQL has no {}: leave out its --param", name));
    }
}

} // namespace refuse

void refuse_useless(const Options& options, const std::optional<filter::Condition>& filter,
                    const PreparedReport& report) {
    if (filter)
        refuse_filter(options, *filter, report);
    for (const auto* option : options.given)
        if (option->refuse != nullptr)
            option->refuse(options, report);
}

} // namespace ctrack::query
