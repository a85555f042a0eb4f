// SPDX-License-Identifier: Apache-2.0
//
// The only file that knows CLI11.
#include "query/cli/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "query/base/usage_error.h"
#include "query/cli/spread_files.h"

namespace ctrack::query {

namespace {

constexpr std::array<std::pair<std::string_view, Format>, 6> formats{{
    {"table", Format::table},
    {"json", Format::json},
    {"ndjson", Format::ndjson},
    {"csv", Format::csv},
    {"tsv", Format::tsv},
    {"openmetrics", Format::openmetrics},
}};

constexpr std::array<std::pair<std::string_view, Color>, 3> colors{{
    {"auto", Color::automatic},
    {"always", Color::always},
    {"never", Color::never},
}};

// Options whose text is checked here, so that the errors are ours.
struct Texts {
    std::optional<std::string> limit;
    std::optional<std::string> format;
    std::optional<std::string> color;
    std::vector<std::vector<std::string>> narrowing{filter::options().size()};
};

template <typename Choice, std::size_t count>
Choice choice_of(const std::array<std::pair<std::string_view, Choice>, count>& choices,
                 std::string_view option, const std::string& name) {
    std::vector<std::string_view> names;
    for (const auto& [known, choice] : choices) {
        if (known == name)
            return choice;
        names.push_back(known);
    }
    throw UsageError(fmt::format("bad {} '{}': expected {}", option, name, fmt::join(names, ", ")));
}

std::int64_t limit_of(const std::string& text) {
    std::int64_t limit = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, limit);
    if (error != std::errc() || stop != end || limit < 0)
        throw UsageError(fmt::format("bad -n '{}': expected how many rows, 0 for all", text));
    return limit;
}

void declare_narrowing(CLI::App& app, Texts& texts) {
    for (std::size_t i = 0; i < filter::options().size(); ++i) {
        const auto& option = filter::options()[i];
        const std::string names(option.names);
        const std::string help(option.help);
        auto& given = texts.narrowing[i];
        if (option.value_name.empty())
            app.add_flag_callback(
                names, [&given] { given.assign({""}); }, help);
        else
            app.add_option(names, given, help)
                ->type_name(std::string(option.value_name))
                ->allow_extra_args(false);
    }
}

void declare_shaping(CLI::App& app, Options& options, Texts& texts) {
    app.add_option("-n,--limit", texts.limit,
                   fmt::format("at most so many rows, 0 for all [{}]", default_limit))
        ->type_name("N");
    app.add_option("-s,--sort", options.sort,
                   "by this column, the greatest first; -COLUMN: the other way")
        ->type_name("COLUMN");
    app.add_option("-f,--columns", options.columns, "these columns alone, as pid,comm,rtt_avg_us")
        ->type_name("COLUMNS");
    app.add_flag("-w,--wide", options.wide, "hidden columns too");
    app.add_flag("--utc", options.utc, "times shown and given are UTC, not local");
    app.add_option("-o,--output", texts.format,
                   "table, json, ndjson, csv, tsv, openmetrics [table]; snapshot, merge: the file")
        ->type_name("FORMAT");
    app.add_option("--color", texts.color, "auto, always or never [auto]")->type_name("WHEN");
}

void declare_reports(CLI::App& app, Options& options) {
    app.add_option("--by", options.by, "one row for each of these; 'help REPORT' lists them")
        ->type_name("WORD");
    app.add_option("--interval", options.interval, "of the report rate: 10s, 1m, 1h")
        ->type_name("TIME");
    app.add_flag("-F,--follow", options.follow, "of the report events: go on with what happens");
}

void declare_commands(CLI::App& app, Options& options) {
    app.add_flag("--force", options.force, "snapshot, merge: write over a file that is there");
    app.add_option("--anonymize", options.key_file,
                   "snapshot: other addresses and names, made with this key")
        ->type_name("KEYFILE");
    app.add_option("--before", options.before, "diff: the window to compare with")
        ->type_name("FROM..TO");
    app.add_option("--after", options.after, "diff: the window that is compared")
        ->type_name("FROM..TO");
    app.add_flag("--zeek", options.zeek, "export: as Zeek's conn.log");
    app.add_flag("--ndjson", options.ndjson, "export: with the names of OpenTelemetry");
    app.add_flag("--datasette", options.datasette, "schema: as metadata of Datasette");
    app.add_option("--param", options.parameters, "sql: the value of :NAME")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
}

void declare(CLI::App& app, Options& options, Texts& texts) {
    app.set_help_flag();
    app.add_option("REPORT", options.command, "a report or command of those below")->type_name("");
    app.add_option("ARGUMENT", options.arguments, "of a report: a filter; of a command: its own")
        ->type_name("");
    app.add_option("-r,--read", options.files,
                   fmt::format("the file to read, or several [{}]", options.files.front()))
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("-b,--begin", options.begin, "not before this time")->type_name("TIME");
    app.add_option("-e,--end", options.end, "only before this time")->type_name("TIME");
    app.add_option("--at", options.at, "at this moment: what was there then")->type_name("TIME");
    declare_reports(app, options);
    declare_narrowing(app, texts);
    declare_shaping(app, options, texts);
    declare_commands(app, options);
    app.add_flag("-h,--help", options.help, "this text, or that of the report");
    app.add_flag("-V,--version", options.version, "the program's version");
}

constexpr std::string_view footer = R"(  ctrack-query top-talkers -b "10m ago"
  ctrack-query failures --peer 10.0.0.0/8 -b yesterday -e today -n 0 -o json
  ctrack-query slowest -c 'ng*' 'port 443 and not peer in 10.0.0.0/8 and rtt > 50ms'

The options from -p to --outcome narrow a report: the same one again, or a list as
80,443, means either; different ones must all hold. So must a filter, which is the
words after the report: 'help filter' has its fields and operators. An option that
would change nothing in a report is refused. -r *.db reads all of them as one.

Times are in the local time zone unless they name one:
  now, today, yesterday, tomorrow, "yesterday 14:00", 14:23, 14:23:05, 2:23pm,
  "10m ago", 2h30m and -2h30m (so long ago), +10m (from now on), "mon 9:00" (the
  last Monday), 2026-11-21, "2026-11-21 14:23:05", 2026-11-21T14:23:05Z, ...+02:00,
  "Nov 21 14:23:05", @1795267385.25 (seconds since the epoch; without @ too, or
  microseconds as in the columns ending in _us).
Without -b and -e the whole recording is looked at.

Commands; 'help COMMAND' has the options of each:
  list         the reports and the questions they answer
  help REPORT  what a report shows
  help filter  how to write a filter)";

bool writes_file(std::string_view command) { return command == "snapshot" || command == "merge"; }

// As -b, or --peer where there is no letter. Those that narrow are in Options::narrowing.
std::vector<std::string> names_given(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options()) {
        if (option->count() == 0 || option->get_positional())
            continue;
        const auto name = option->get_snames().empty() ? "--" + option->get_lnames().front()
                                                       : "-" + option->get_snames().front();
        const auto narrows = [&name](const auto& o) { return filter::short_name(o) == name; };
        if (std::none_of(filter::options().begin(), filter::options().end(), narrows))
            names.push_back(name);
    }
    return names;
}

void finish(Options& options, const Texts& texts) {
    if (texts.limit)
        options.limit = limit_of(*texts.limit);
    if (texts.format && writes_file(options.command))
        options.out_file = *texts.format;
    else if (texts.format)
        options.format = choice_of(formats, "-o", *texts.format);
    if (texts.color)
        options.color = choice_of(colors, "--color", *texts.color);
    for (std::size_t i = 0; i < texts.narrowing.size(); ++i)
        for (const auto& text : texts.narrowing[i])
            options.narrowing.push_back({&filter::options()[i], text});
}

} // namespace

Options parse_options(std::vector<std::string> arguments) {
    Options options;
    Texts texts;
    CLI::App app;
    declare(app, options, texts);
    arguments = spread_files(arguments);
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::ParseError& e) {
        throw UsageError(fmt::format("{}; try 'ctrack-query --help'", e.what()));
    }
    finish(options, texts);
    options.given = names_given(app);
    return options;
}

bool is_of_commands(std::string_view option) {
    constexpr std::array names{"--force", "--anonymize", "--before",    "--after",
                               "--zeek",  "--ndjson",    "--datasette", "--param"};
    return std::find(names.begin(), names.end(), option) != names.end();
}

std::string usage() {
    Options options;
    Texts texts;
    CLI::App app("Answers questions from a recording of ctrack-recorder.", "ctrack-query");
    declare(app, options, texts);
    app.footer(std::string(footer));
    return app.help();
}

} // namespace ctrack::query
