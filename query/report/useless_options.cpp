// SPDX-License-Identifier: Apache-2.0
#include "query/cli/useless_options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "query/base/usage_error.h"

namespace ctrack::query {

namespace {

void refuse(const Report& report, std::string_view what, std::string_view option) {
    throw UsageError(fmt::format("{} {}: leave out {}", report.name, what, option));
}

// What the user gave as a filter, for the message.
std::string first_of_filter(const Options& options) {
    return options.narrowing.empty()
               ? "the filter"
               : std::string(filter::short_name(*options.narrowing.front().option));
}

void refuse_filter(const Options& options, const filter::Expression& filter, const Report& report,
                   Database& database) {
    const auto tables = database.tables_of(report.main);
    if (tables.contains("chosen_connections") || tables.contains("chosen_events") ||
        tables.contains("chosen_rtt_samples") || tables.contains("facts_of_each_file") ||
        tables.contains("ids_about_window"))
        return;
    if (!tables.contains("chosen_listeners"))
        refuse(report, "takes no filter", first_of_filter(options));
    if (const auto* field = filter::not_of_listeners(filter))
        throw UsageError(fmt::format("{} has no {} to filter by", report.name, field->name));
}

void refuse_window(const Options& options, const Report& report, Database& database) {
    const bool takes_end = database.takes(report.main, ":end_us");
    if (options.begin && !database.takes(report.main, ":begin_us"))
        refuse(report, takes_end ? "has no begin" : "has no window", "-b");
    if (options.end && !takes_end)
        refuse(report, "has no window", "-e");
    if (options.at && !report.main.is_of_moment)
        refuse(report, "is not about a moment", "--at");
    if (options.at && (options.begin || options.end))
        throw UsageError("--at is a window of its own: leave out -b and -e");
}

void refuse_of_report(const Options& options, const Report& report, Database& database) {
    if (options.interval && !database.takes(report.main, ":interval_us"))
        refuse(report, "has no intervals", "--interval");
    if (options.follow && !database.takes(report.main, ":after_id"))
        refuse(report, "cannot be followed", "-F");
    if (options.follow && options.files.size() > 1)
        throw UsageError("-F follows one file: leave out the other -r");
    if (options.follow && (options.end || options.at || options.sort))
        throw UsageError("-F goes on with what happens: leave out -e, --at and -s");
    if (options.follow && options.format != Format::table && options.format != Format::ndjson)
        throw UsageError("-F writes a table or ndjson: use -o ndjson");
}

// Of the columns of the result: the layout may have those of another --by too.
bool any_column(const Query& query, Database& database, bool (*is_so)(const ColumnFormat&)) {
    const auto names = database.columns_of(query);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        const auto found = query.layout.columns.find(name);
        return found != query.layout.columns.end() && is_so(found->second);
    });
}

bool shows_times(const Report& report, Database& database) {
    const auto is_time = [](const ColumnFormat& column) {
        return column.unit == Unit::time || column.unit == Unit::second;
    };
    return any_column(report.main, database, is_time) ||
           (report.footer && any_column(*report.footer, database, is_time));
}

void refuse_wide(const Options& options, const Report& report, Database& database) {
    if (options.format != Format::table)
        throw UsageError("only a table hides columns: leave out -w");
    if (options.columns)
        throw UsageError("-f names the columns: leave out -w");
    if (!any_column(report.main, database,
                    [](const ColumnFormat& column) { return column.is_hidden; }))
        refuse(report, "has no hidden columns", "-w");
}

void refuse_utc(const Options& options, const Report& report, Database& database) {
    if (options.begin || options.end || options.at || !options.arguments.empty())
        return; // they may be times
    if (options.format != Format::table)
        throw UsageError("only a table shows times as text: leave out --utc");
    if (!shows_times(report, database))
        refuse(report, "shows no times", "--utc");
}

void refuse_shape(const Options& options, const Report& report, Database& database) {
    if (options.limit && !options.sort && !database.takes(report.main, ":limit"))
        refuse(report, "has no limit", "-n");
    if (options.sort && report.main.layout.as_record)
        refuse(report, "has one row", "-s");
    if (options.wide)
        refuse_wide(options, report, database);
    if (options.utc)
        refuse_utc(options, report, database);
    if (options.color && options.format != Format::table)
        throw UsageError("only a table has colours: leave out --color");
}

} // namespace

void refuse_useless(const Options& options, const std::optional<filter::Expression>& filter,
                    const Report& report, Database& database) {
    refuse_window(options, report, database);
    if (filter)
        refuse_filter(options, *filter, report, database);
    refuse_of_report(options, report, database);
    refuse_shape(options, report, database);
}

void refuse_all(const Options& options) {
    constexpr std::array<std::string_view, 3> taken{"-r", "-o", "--color"};
    const auto is_taken = [&](const std::string& name) {
        return std::find(taken.begin(), taken.end(), name) != taken.end();
    };
    if (!options.narrowing.empty() ||
        !std::all_of(options.given.begin(), options.given.end(), is_taken))
        throw UsageError(
            fmt::format("{} is no report: it takes no option but -o", options.command));
}

} // namespace ctrack::query
