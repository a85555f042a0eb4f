// SPDX-License-Identifier: Apache-2.0
#include "query/commands.h"

#include <fmt/format.h>

#include "query/by.h"
#include "query/catalog.h"
#include "query/errors.h"
#include "query/filter/help.h"
#include "query/refuse.h"
#include "query/run_report.h"
#include "version.h"

namespace ctrack::query {

namespace {

void list_reports(const Options& options, Output& out) {
    refuse_all(options);
    const auto renderer =
        make_renderer(options.format, out, options.color.value_or(Color::automatic));
    renderer->begin({"name", "aliases", "question"}, {});
    for (const auto& report : all_reports())
        renderer->row(
            {report.name, fmt::format("{}", fmt::join(report.aliases, " ")), report.question});
    renderer->end();
}

std::string also(const Report& report) {
    return report.aliases.empty() ? "" : fmt::format(" [{}]", fmt::join(report.aliases, ", "));
}

void write_usage(Output& out) {
    out.write(usage());
    out.write("\nReports:\n");
    for (const auto& report : all_reports())
        out.write(fmt::format("  {:<12} {}{}\n", report.name, report.question, also(report)));
}

bool is_report(const std::string& command) {
    return !command.empty() && command != "sql" && command != "list" && command != "help";
}

void help(const std::string& command, Output& out) {
    if (command == "filter")
        out.write(filter::help());
    else if (is_report(command))
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

// The arguments from the first on, as one filter.
std::string filter_words(const Options& options, std::size_t first) {
    const auto& words = options.arguments;
    return first < words.size()
               ? fmt::format("{}", fmt::join(words.begin() + first, words.end(), " "))
               : "";
}

void run_sql(const Options& options, Output& out) {
    if (options.arguments.empty())
        throw UsageError("sql needs one more argument; try 'ctrack-query --help'");
    const Query query{options.arguments[0], {}};
    const auto report = chosen_by({"sql", "", "", query, std::nullopt}, options.by);
    run_report(report, filter_words(options, 1), options, out);
}

void run_named(const Options& options, Output& out) {
    const auto report = chosen_by(find_report(options.command), options.by);
    if (!report.takes_argument)
        return run_report(report, filter_words(options, 0), options, out);
    Options with_argument = options;
    if (options.arguments.empty())
        throw UsageError(fmt::format(
            "{0} needs to know which: 'ctrack-query help {0}' has examples", report.name));
    with_argument.argument = options.arguments[0];
    run_report(report, filter_words(options, 1), with_argument, out);
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
    if (options.command == "sql")
        return run_sql(options, out);
    run_named(options, out);
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
