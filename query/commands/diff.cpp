// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "common/clock.h"
#include "query/base/usage_error.h"
#include "query/commands/command.h"
#include "query/files/table_writer.h"
#include "query/render/units.h"
#include "query/report/notices.h"
#include "query/report/window.h"
#include "query/sql/all_rows.h"
#include "query/sql/sql_text.h"

namespace ctrack::query::command {

namespace {

// What is compared, in tables of a database in memory.
struct Sides {
    SQLite::Database db{":memory:", SQLite::OPEN_READWRITE};
    std::map<std::string, Value> recorded_us; ///< are the parameters of diff_changes.sql
};

void add(Sides& sides, const std::string& side, Database& database, const Window& window) {
    const Table table{side + "_side", {}, {}, {}};
    sides.db.exec(
        fmt::format("CREATE TABLE {} (kind, comm, peer_address, outcome, value)", table.name));
    TableWriter writer(sides.db, table, nullptr);
    database.run({sql_text("diff_side"), {}}, {window, -1}, writer);
    sides.recorded_us[fmt::format(":{}_us", side)] =
        all_rows(database, sql_text("recorded_in_window"), {window, -1})[0][0];
}

// The window FROM..TO.
Window window_of_side(const std::string& option, const std::string& text, std::int64_t now,
                      Database& database) {
    const auto dots = text.find("..");
    if (dots == std::string::npos || dots == 0 || dots + 2 == text.size())
        throw UsageError(fmt::format("bad {} '{}': expected FROM..TO, as \"yesterday "
                                     "14:00..15:00\"",
                                     option, text));
    return window_between(text.substr(0, dots), text.substr(dots + 2), now, database);
}

// Says on stderr what of the window the file does not hold.
void give_notices(const std::string& side, const Options& options, const Window& window,
                  Database& database) {
    report_not_recorded(options.files, window, database, fmt::format("--{}: ", side));
    report_silent(options.files, window, database);
    report_deleted(options.files, {window, -1}, database);
    report_losses(options.files, window, database);
}

void add_windows(Sides& sides, const Options& options, std::int64_t now) {
    Database database(options.files,
                      filter::condition_of(options.narrowing, filter_words(options, 0), now));
    for (const auto& [side, text] :
         {std::pair{"before", *options.before}, {"after", *options.after}}) {
        const auto window = window_of_side(fmt::format("--{}", side), text, now, database);
        give_notices(side, options, window, database);
        add(sides, side, database, window);
    }
}

void add_files(Sides& sides, const Options& options, std::int64_t now) {
    if (is_given(options, "-r"))
        throw UsageError("diff of two files takes no -r: give them as arguments");
    if (options.arguments.size() != 2)
        throw UsageError("diff needs two files, or --before and --after: two windows of one");
    for (const std::size_t i : {0, 1}) {
        Database database(options.arguments[i], filter::condition_of(options.narrowing, "", now));
        add(sides, i == 0 ? "before" : "after", database,
            database.recorded().value_or(Window{0, 0}));
    }
}

Unit unit_of(const std::string& kind) {
    return kind == "failures"        ? Unit::count
           : kind.starts_with("rtt") ? Unit::duration
                                     : Unit::bytes;
}

void render(Sides& sides, const Options& options, Output& out) {
    const auto renderer = renderer_for(options, out);
    Statement changes(sides.db.getHandle(), sql_text("diff_changes"));
    auto values = sides.recorded_us;
    values[":limit"] = row_limit(options);
    changes.start(values);
    Layout layout;
    for (const auto* column : {"before", "after", "difference"})
        layout.columns[column] = {Unit::count, ""};
    renderer->begin(changes.columns(), layout);
    while (changes.step()) {
        auto row = changes.row();
        // The numbers of a column have different units, so a table shows each with its unit.
        for (const std::size_t i : {4, 5, 6})
            if (options.format == Format::table)
                row[i] = humanise(row[i], unit_of(std::get<std::string>(row[0])));
        renderer->row(row);
    }
    renderer->end();
}

} // namespace

int diff(const Options& options, Output& out) {
    if (options.before.has_value() != options.after.has_value())
        throw UsageError(
            fmt::format("diff needs {} as well", options.before ? "--after" : "--before"));
    Sides sides;
    (options.before ? add_windows : add_files)(sides, options, now_us());
    render(sides, options, out);
    return 0;
}

} // namespace ctrack::query::command
