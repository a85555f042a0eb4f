// SPDX-License-Identifier: Apache-2.0
//
// The only file that knows CLI11.
#include "query/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "query/errors.h"

namespace ctrack::query {

namespace {

constexpr std::array<std::pair<std::string_view, Format>, 4> formats{{
    {"table", Format::table},
    {"json", Format::json},
    {"ndjson", Format::ndjson},
    {"csv", Format::csv},
}};

// Options whose text is checked here, so that the errors are ours.
struct Texts {
    std::string limit;
    std::string format;
};

Format format_named(const std::string& name) {
    for (const auto& [known, format] : formats)
        if (known == name)
            return format;
    throw UsageError(fmt::format("bad -o '{}': expected table, json, ndjson or csv", name));
}

std::int64_t limit_of(const std::string& text) {
    std::int64_t limit = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, limit);
    if (error != std::errc() || stop != end || limit < 0)
        throw UsageError(fmt::format("bad -n '{}': expected how many rows, 0 for all", text));
    return limit;
}

void declare(CLI::App& app, Options& options, Texts& texts) {
    app.set_help_flag();
    app.add_option("REPORT", options.command, "a report or command of those below")->type_name("");
    app.add_option("ARGUMENT", options.arguments, "of the command")->type_name("");
    app.add_option("-r,--read", options.file, fmt::format("the file to read [{}]", options.file))
        ->type_name("FILE");
    app.add_option("-b,--begin", options.begin, "not before this time")->type_name("TIME");
    app.add_option("-e,--end", options.end, "only before this time")->type_name("TIME");
    app.add_option("-n,--limit", texts.limit,
                   fmt::format("at most so many rows, 0 for all [{}]", default_limit))
        ->type_name("N");
    app.add_option("-o,--output", texts.format, "table, json, ndjson or csv [table]")
        ->type_name("FORMAT");
    app.add_flag("-h,--help", options.help, "this text, or that of the report");
    app.add_flag("-V,--version", options.version, "the program's version");
}

constexpr std::string_view times = R"(  ctrack-query top-talkers -b "10m ago"
  ctrack-query failures -b yesterday -e today -n 0 -o json

Times are in the local time zone unless they name one:
  now, today, yesterday, "yesterday 14:00", 14:23, 14:23:05,
  "10m ago", 2h30m (so long ago), 2026-11-21, "2026-11-21 14:23:05",
  2026-11-21T14:23:05Z, ...+02:00, seconds since the epoch, or microseconds
  as in the columns ending in _us.
Without -b and -e the whole recording is looked at.)";

constexpr std::string_view commands = R"(Commands:
  list         the reports and the questions they answer
  help REPORT  what a report shows
  sql SQL      the rows of one SELECT; :begin_us, :end_us and :limit may be used)";

} // namespace

Options parse_options(std::vector<std::string> arguments) {
    Options options;
    Texts texts;
    CLI::App app;
    declare(app, options, texts);
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::ParseError& e) {
        throw UsageError(fmt::format("{}; try 'ctrack-query --help'", e.what()));
    }
    if (!texts.limit.empty())
        options.limit = limit_of(texts.limit);
    if (!texts.format.empty())
        options.format = format_named(texts.format);
    return options;
}

std::string usage() {
    Options options;
    Texts texts;
    CLI::App app("Answers questions from a recording of ctrack-recorder.", "ctrack-query");
    declare(app, options, texts);
    app.footer(fmt::format("{}\n\n{}", times, commands));
    return app.help();
}

} // namespace ctrack::query
