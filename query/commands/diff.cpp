// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "common/clock.h"
#include "query/base/usage_error.h"
#include "query/commands/command.h"
#include "query/commands/compare.h"
#include "query/render/units.h"
#include "query/report/notices.h"
#include "query/report/window.h"
#include "query/sql/all_rows.h"
#include "query/sql/sql_text.h"
#include "query/time/parse_time.h"

namespace ctrack::query::command {

namespace {

using diff::Change;

diff::Side side_of(Database& database, const Window& window) {
    diff::Side side;
    for (const auto& row : all_rows(database, sql_text("diff_side"), {window, -1})) {
        const auto text = [&row](std::size_t i) { return std::get<std::string>(row[i]); };
        side.values[{text(0), text(1), text(2), text(3)}] = std::get<std::int64_t>(row[4]);
    }
    const auto recorded = all_rows(database, sql_text("recorded_in_window"), {window, -1});
    side.recorded_us = std::get<std::int64_t>(recorded[0][0]);
    return side;
}

diff::Side side_of_window(const Options& options, const char* name, const std::string& text,
                          std::int64_t now, Database& database) {
    const auto [from, to] = diff::split_window(name, text);
    const Window window{parse_time(from, now), parse_time(to, now)};
    if (window.end_us <= window.begin_us)
        throw UsageError(fmt::format("bad {} '{}': it ends before it begins", name, text));
    report_deleted(options.files, {window, -1}, database);
    report_losses(options.files, window, database);
    return side_of(database, window);
}

std::vector<Change> compare_windows(const Options& options, std::int64_t now) {
    Database database(options.files,
                      filter::condition_of(options.narrowing, filter_words(options, 0), now));
    const auto before = side_of_window(options, "--before", *options.before, now, database);
    return compare(before, side_of_window(options, "--after", *options.after, now, database));
}

diff::Side side_of_file(const std::string& path, const Options& options, std::int64_t now) {
    Database database(path, filter::condition_of(options.narrowing, "", now));
    return side_of(database, database.recorded().value_or(Window{0, 0}));
}

std::vector<Change> compare_files(const Options& options, std::int64_t now) {
    if (is_given(options, "-r"))
        throw UsageError("diff of two files takes no -r: give them as arguments");
    if (options.arguments.size() != 2)
        throw UsageError("diff needs two files, or --before and --after: two windows of one");
    const auto before = side_of_file(options.arguments[0], options, now);
    return compare(before, side_of_file(options.arguments[1], options, now));
}

std::vector<Change> changes_of(const Options& options) {
    if (options.before.has_value() != options.after.has_value())
        throw UsageError(
            fmt::format("diff needs {} as well", options.before ? "--after" : "--before"));
    return options.before ? compare_windows(options, now_us()) : compare_files(options, now_us());
}

Unit unit_of(const std::string& kind) {
    return kind == "failures"        ? Unit::count
           : kind.starts_with("rtt") ? Unit::duration
                                     : Unit::bytes;
}

Value value_of(const std::optional<std::int64_t>& number) {
    return number ? Value(*number) : Value();
}

// The numbers of a column have different units, so a table shows each with its unit.
Value shown(const Value& value, const Change& change, const Options& options) {
    const bool is_table = options.format == Format::table;
    return is_table ? Value(humanise(value, unit_of(change.key.kind))) : value;
}

Row row_of(const Change& change, const Options& options) {
    const auto text = [](const std::string& value) {
        return value.empty() ? Value() : Value(value);
    };
    return {change.key.kind,
            text(change.key.comm),
            text(change.key.peer_address),
            text(change.key.outcome),
            shown(value_of(change.before), change, options),
            shown(value_of(change.after), change, options),
            shown(change.difference, change, options),
            change.factor ? Value(std::round(*change.factor * 1000) / 1000) : Value()};
}

void render(const std::vector<Change>& changes, const Options& options, Output& out) {
    const auto renderer = renderer_for(options, out);
    Layout layout;
    for (const auto* column : {"before", "after", "difference"})
        layout.columns[column] = {Unit::count, ""};
    renderer->begin(
        {"kind", "comm", "peer_address", "outcome", "before", "after", "difference", "factor"},
        layout);
    const auto limit = row_limit(options);
    std::map<std::string, std::int64_t> shown_of_kind;
    for (const auto& change : changes)
        if (++shown_of_kind[change.key.kind] <= limit || limit < 0)
            renderer->row(row_of(change, options));
    renderer->end();
}

} // namespace

int diff(const Options& options, Output& out) {
    render(changes_of(options), options, out);
    return 0;
}

} // namespace ctrack::query::command
