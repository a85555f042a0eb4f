// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "common/clock.h"
#include "query/base/say.h"
#include "query/base/usage_error.h"
#include "query/commands/command.h"
#include "query/files/table_writer.h"
#include "query/render/units.h"
#include "query/report/moved.h"
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

void add(Sides& sides, const std::string& side, Database& database, const Window& window,
         bool counts_moved) {
    const Table table{side + "_side", {}, {}, {}};
    sides.db.exec(
        fmt::format("CREATE TABLE {} (kind, comm, peer_address, outcome, value)", table.name));
    TableWriter writer(sides.db, table, nullptr);
    TableNames read;
    auto statement = database.prepare(sql_text("diff_side"), &read);
    database.set_scope(
        {.window = window, .connections_from_us = window.begin_us, .counts_moved = counts_moved},
        read);
    database.run(statement, {}, {window, -1}, writer);
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

// Says on stderr what of the window the files do not hold; `of` names the side.
void give_notices(const std::string& of, const std::vector<std::string>& files, const Window& asked,
                  Database& database) {
    report_not_recorded(files, asked, database, of + ": ");
    report_silent(files, asked, database);
    report_deleted(files, {asked, -1}, database);
    report_losses(files, asked, database);
}

void add_windows(Sides& sides, const Options& options, std::int64_t now) {
    Database database(options.files,
                      filter::condition_of(options.narrowing, filter_words(options, 0), now));
    for (const auto& [side, text] :
         {std::pair{"before", *options.before}, {"after", *options.after}}) {
        const auto window = window_of_side(fmt::format("--{}", side), text, now, database);
        give_notices(fmt::format("--{}", side), options.files, window, database);
        add(sides, side, database, window,
            knows_moved(options.files, window, database, fmt::format("--{}: ", side)));
    }
}

void add_files(Sides& sides, const Options& options, std::int64_t now) {
    if (is_given(options, "-r"))
        throw UsageError("diff of two files takes no -r: give them as arguments");
    if (options.arguments.size() != 2)
        throw UsageError("diff needs two files, or --before and --after: two windows of one");
    for (const std::size_t i : {0, 1}) {
        const auto& file = options.arguments[i];
        Database database(file, filter::condition_of(options.narrowing, "", now));
        give_notices(file, {file}, {0, std::numeric_limits<std::int64_t>::max()}, database);
        const auto window = database.recorded().value_or(Window{0, 0});
        add(sides, i == 0 ? "before" : "after", database, window,
            database.is_part() && knows_moved({file}, window, database, file + ": "));
    }
}

struct Kind {
    std::string_view name;
    Unit unit; ///< is that of its numbers
    std::string_view meaning;
};

constexpr std::array kinds{
    Kind{"failures", Unit::count, "connections that failed so"},
    Kind{"rtt_p50_us", Unit::duration, "the median of the round trips; *: of all programs"},
    Kind{"rtt_p95_us", Unit::duration, "only 5 % of the round trips were longer"},
    Kind{"rtt_p99_us", Unit::duration, "only 1 % of the round trips were longer"},
    Kind{"bytes", Unit::bytes, "payload that a program and a peer have exchanged, both ways"},
    Kind{"new_peer", Unit::bytes, "payload with a peer that the program had only after"},
    Kind{"gone_peer", Unit::bytes, "payload with a peer that the program had only before"},
};

const Kind& kind_of(const Row& row) {
    const auto& name = std::get<std::string>(row[0]);
    return *std::find_if(kinds.begin(), kinds.end(),
                         [&](const Kind& kind) { return kind.name == name; });
}

// Three digits; what is not nothing does not look so.
std::string factor_text(double factor) {
    return factor > 0 && factor < 0.001 ? "<0.001"
           : factor < 1000              ? fmt::format("{:.3g}", factor)
                                        : fmt::format("{:.0f}", factor);
}

// The numbers of a column have different units, so a table shows each with its unit.
Row for_people(Row row) {
    for (const std::size_t i : {4, 5, 6})
        row[i] = humanise(row[i], kind_of(row).unit);
    if (const auto* factor = std::get_if<double>(&row[7]))
        row[7] = factor_text(*factor);
    row[8] = fmt::format("{:.1f}", std::get<double>(row[8]));
    return row;
}

// Shows the first rows of each kind. Returns how many rows there are of each.
std::map<std::string_view, std::int64_t> show_changes(Statement& changes, const Options& options,
                                                      Renderer& renderer) {
    const auto limit = row_limit(options);
    Layout layout;
    for (const auto* column : {"before", "after", "difference", "factor", "significance"})
        layout.columns[column] = {Unit::count, ""};
    layout.columns["peer_address"] = {Unit::text, "PEER"};
    layout.fitting = Fitting::hide;
    layout.least_useful = {"significance", "difference", "outcome"};
    renderer.begin(changes.columns(), layout);
    std::map<std::string_view, std::int64_t> rows;
    while (changes.step()) {
        const auto row = changes.row();
        if (const auto number = ++rows[kind_of(row).name]; limit < 0 || number <= limit)
            renderer.row(options.format == Format::table ? for_people(row) : row);
    }
    renderer.end();
    return rows;
}

void explain(const std::map<std::string_view, std::int64_t>& rows, Renderer& renderer) {
    Layout layout;
    layout.as_record = true;
    std::vector<std::string> names;
    Row meanings;
    for (const auto& kind : kinds) {
        if (!rows.contains(kind.name))
            continue;
        names.emplace_back(kind.name);
        layout.columns[names.back()].heading = kind.name;
        meanings.emplace_back(std::string(kind.meaning));
    }
    renderer.begin(names, layout);
    if (!names.empty())
        renderer.row(meanings);
    renderer.end();
}

void tell_if_cut(const std::map<std::string_view, std::int64_t>& rows, const Options& options) {
    std::string cut;
    for (const auto& [kind, number] : rows)
        if (!options.limit && row_limit(options) >= 0 && number > row_limit(options))
            cut += fmt::format("{}{} of {} rows of {}", cut.empty() ? "" : ", ", row_limit(options),
                               humanise(number, Unit::count), kind);
    if (!cut.empty())
        say(cut + "; -n 0 for all");
}

void tell_if_scaled(const Sides& sides) {
    const auto before = sides.recorded_us.at(":before_us");
    const auto after = sides.recorded_us.at(":after_us");
    const Value none{std::int64_t{0}};
    if (before != after && before != none && after != none)
        say(fmt::format("before is {} of recording and after {}: difference and factor of failures "
                        "and bytes are as if before had lasted as long",
                        humanise(before, Unit::duration), humanise(after, Unit::duration)));
}

void render(Sides& sides, const Options& options, Output& out) {
    const auto renderer = renderer_for(options, out);
    Statement changes(sides.db.getHandle(), sql_text("diff_changes"));
    changes.start(sides.recorded_us);
    const auto rows = show_changes(changes, options, *renderer);
    if (renderer->shows_footers())
        explain(rows, *renderer);
    out.flush();
    tell_if_cut(rows, options);
    tell_if_scaled(sides);
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
