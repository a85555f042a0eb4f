// SPDX-License-Identifier: Apache-2.0
#include "query/commands.h"

#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "query/catalog.h"
#include "query/database.h"
#include "query/errors.h"
#include "query/parse_time.h"
#include "query/units.h"
#include "version.h"

namespace ctrack::query {

namespace {

std::int64_t now_us() {
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

Window window_of(const Options& options, Database& database) {
    const auto now = now_us();
    const auto begin = options.begin ? parse_time(*options.begin, now) : 0;
    if (!options.end)
        return {begin, database.recorded_until_us().value_or(now)};
    const auto end = parse_time(*options.end, now);
    if (options.begin && end <= begin)
        throw UsageError(
            fmt::format("bad window: -e '{}' is not after -b '{}'", *options.end, *options.begin));
    return {begin, end};
}

Parameters parameters_of(const Options& options, Database& database) {
    const auto limit = options.limit.value_or(default_limit);
    return {window_of(options, database), limit == 0 ? -1 : limit, !options.begin && !options.end};
}

bool takes_window(const Report& report, Database& database) {
    return database.takes(report.main, ":begin_us") || database.takes(report.main, ":end_us");
}

// An option that would change nothing is a misunderstanding.
void refuse_useless(const Options& options, const Report& report, Database& database) {
    if ((options.begin || options.end) && !takes_window(report, database))
        throw UsageError(fmt::format("{} has no window: leave out {}", report.name,
                                     options.begin ? "-b" : "-e"));
    if (options.limit && !database.takes(report.main, ":limit"))
        throw UsageError(fmt::format("{} has no limit: leave out -n", report.name));
}

void report_losses(const Options& options, const Window& window, Database& database) {
    std::string text;
    for (const auto& loss : database.losses(window))
        text += fmt::format("{}{} {}{} ({})", text.empty() ? "" : ", ", loss.count, loss.what,
                            loss.count == 1 ? "" : "s", loss.cause);
    if (!text.empty())
        fmt::print(stderr,
                   "ctrack-query: lost in this window: {}; ctrack-query -r {} losses lists them\n",
                   text, options.file);
}

void report_deleted(const Options& options, Parameters parameters, const Report& report,
                    Database& database) {
    parameters.roll_up &= database.takes(report.main, ":roll_up");
    std::string text;
    for (const auto& kept : database.kept(parameters))
        text += fmt::format("{}{} before {}", text.empty() ? "" : ", ", kept.what,
                            humanise(kept.from_us, Unit::time));
    if (!text.empty())
        fmt::print(stderr,
                   "ctrack-query: no longer in {}: {}; --max-size and --max-age of the recorder "
                   "set how much it keeps\n",
                   options.file, text);
}

void run_report(const Report& report, const Options& options, Output& out) {
    Database database(options.file);
    refuse_useless(options, report, database);
    const auto parameters = parameters_of(options, database);
    database.choose(parameters.window);
    const auto renderer = make_renderer(options.format, out);
    database.run(report.main, parameters, *renderer);
    if (report.footer && renderer->shows_footers())
        database.run(*report.footer, parameters, *renderer);
    out.flush();
    if (!takes_window(report, database))
        return;
    report_deleted(options, parameters, report, database);
    if (report.name != "losses")
        report_losses(options, parameters.window, database);
}

void list_reports(const Options& options, Output& out) {
    const auto renderer = make_renderer(options.format, out);
    renderer->begin({"name", "question"}, {});
    for (const auto& report : all_reports())
        renderer->row({report.name, report.question});
    renderer->end();
}

void write_usage(Output& out) {
    out.write(usage());
    out.write("\nReports:\n");
    for (const auto& report : all_reports())
        out.write(fmt::format("  {:<12} {}\n", report.name, report.question));
}

bool is_report(const std::string& command) {
    return !command.empty() && command != "sql" && command != "list" && command != "help";
}

void help(const std::string& command, Output& out) {
    if (is_report(command))
        out.write(find_report(command).help);
    else
        write_usage(out);
}

// The command's arguments, of which it takes `least` to `most`.
const std::vector<std::string>& arguments(const Options& options, std::size_t least,
                                          std::size_t most) {
    if (options.arguments.size() < least)
        throw UsageError(
            fmt::format("{} needs one more argument; try 'ctrack-query --help'", options.command));
    if (options.arguments.size() > most)
        throw UsageError(fmt::format("{} does not take '{}'; try 'ctrack-query --help'",
                                     options.command, options.arguments[most]));
    return options.arguments;
}

void run_command(const Options& options, Output& out) {
    if (options.command.empty())
        throw UsageError("no report given: 'ctrack-query list' shows them all");
    if (options.command == "list") {
        arguments(options, 0, 0);
        return list_reports(options, out);
    }
    if (options.command == "help")
        return help(arguments(options, 0, 1).empty() ? "" : options.arguments[0], out);
    if (options.command == "sql") {
        const Query query{arguments(options, 1, 1)[0], {}};
        return run_report({"sql", "", "", query, std::nullopt}, options, out);
    }
    const auto report = find_report(options.command);
    arguments(options, 0, 0);
    run_report(report, options, out);
}

} // namespace

void run(const Options& options, Output& out) {
    if (options.version)
        out.write("ctrack-query " CTRACK_VERSION "\n");
    else if (options.help)
        help(options.command, out);
    else
        run_command(options, out);
    out.flush();
}

} // namespace ctrack::query
