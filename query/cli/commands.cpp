// SPDX-License-Identifier: Apache-2.0
#include "query/cli/commands.h"

#include <array>
#include <limits>
#include <sstream>

#include <fmt/format.h>

#include "query/base/usage_error.h"
#include "query/cli/useless_options.h"
#include "query/commands/command.h"
#include "query/commands/help.h"
#include "query/filter/help.h"
#include "query/report/catalog.h"
#include "query/report/grouping.h"
#include "query/report/run_report.h"
#include "version.h"

namespace ctrack::query {

namespace {

int list_reports(const Options& options, Output& out) {
    refuse_all(options);
    const auto renderer =
        make_renderer(options.format, out, options.color.value_or(Color::automatic));
    renderer->begin({"name", "aliases", "question"}, {});
    for (const auto& report : all_reports())
        renderer->row(
            {report.name, fmt::format("{}", fmt::join(report.aliases, " ")), report.question});
    renderer->end();
    return 0;
}

std::string also(const Report& report) {
    return report.aliases.empty() ? "" : fmt::format(" [{}]", fmt::join(report.aliases, ", "));
}

void write_usage(Output& out) {
    out.write(usage());
    for (const auto& line : command::summaries())
        out.write(fmt::format("  {:<12} {}\n", line.name, line.text));
    out.write("\nReports:\n");
    for (const auto& report : all_reports())
        out.write(fmt::format("  {:<12} {}{}\n", report.name, report.question, also(report)));
}

void write_help(const std::string& topic, Output& out) {
    if (topic.empty() || topic == "list" || topic == "help")
        write_usage(out);
    else if (topic == "filter")
        out.write(filter::help());
    else if (const auto text = command::help(topic); !text.empty())
        out.write(text);
    else
        out.write(find_report(topic).help);
}

int help(const Options& options, Output& out) {
    write_help(options.arguments.empty() ? "" : options.arguments[0], out);
    return 0;
}

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

// Options that one command takes and another does not, as words; `filter`: those that
// narrow. Empty: it looks itself, or takes what a report takes.
struct Command {
    std::string_view name;
    std::size_t least, most; // arguments
    std::string_view options;
    int (*run)(const Options&, Output&);
};

constexpr std::array commands{
    Command{"list", 0, 0, "", list_reports},
    Command{"help", 0, 1, "", help},
    Command{"sql", 1, any_number, "", command::sql},
    Command{"snapshot", 0, any_number, "-r -b -e -o filter --force --anonymize --utc",
            command::snapshot},
    Command{"merge", 1, any_number, "-o --force", command::merge},
    Command{"diff", 0, any_number, "-r -o -n --color filter --before --after --utc", command::diff},
    Command{"export", 0, any_number, "-r -b -e --at filter --zeek --ndjson --utc",
            command::export_},
    Command{"schema", 0, 0, "-r -o --color --datasette", command::schema},
    Command{"verify", 0, 1, "-r -o --color --utc", command::verify},
};

void check_arguments(const Command& command, const Options& options) {
    if (options.arguments.size() < command.least)
        throw UsageError(
            fmt::format("{} needs one more argument; try 'ctrack-query --help'", options.command));
    if (options.arguments.size() > command.most)
        throw UsageError(fmt::format("{} does not take '{}'; try 'ctrack-query --help'",
                                     options.command, options.arguments[command.most]));
}

bool takes(const Command& command, std::string_view option) {
    std::istringstream words{std::string(command.options)};
    for (std::string word; words >> word;)
        if (word == option)
            return true;
    return false;
}

// An option that would change nothing is a misunderstanding.
void check_options(const Command& command, const Options& options) {
    if (command.options.empty())
        return;
    for (const auto& given : options.given)
        if (!takes(command, given))
            throw UsageError(fmt::format("{} does not take {}: leave it out; 'ctrack-query help "
                                         "{}' has its options",
                                         command.name, given, command.name));
    if (options.files.size() > 1 && command.name != "diff")
        throw UsageError(fmt::format("{} reads one file: leave out all -r but one, or merge them "
                                     "first",
                                     command.name));
    if (!options.narrowing.empty() && !takes(command, "filter"))
        throw UsageError(fmt::format("{} takes no filter: leave out {}", command.name,
                                     filter::short_name(*options.narrowing.front().option)));
}

void refuse_options_of_commands(const Options& options) {
    for (const auto& given : options.given)
        if (is_of_commands(given) && !(options.command == "sql" && given == "--param"))
            throw UsageError(
                fmt::format("{} does not take {}: leave it out", options.command, given));
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

int run_command(const Options& options, Output& out) {
    if (options.command.empty())
        throw UsageError("no report given: 'ctrack-query list' shows them all");
    for (const auto& command : commands) {
        if (command.name != options.command)
            continue;
        check_arguments(command, options);
        check_options(command, options);
        if (command.options.empty())
            refuse_options_of_commands(options);
        return command.run(options, out);
    }
    refuse_options_of_commands(options);
    run_named(options, out);
    return 0;
}

int run_or_explain(const Options& options, Output& out) {
    if (options.version)
        out.write("ctrack-query " CTRACK_VERSION "\n");
    else if (options.help)
        write_help(options.command, out);
    else
        return run_command(options, out);
    return 0;
}

} // namespace

std::string filter_words(const Options& options, std::size_t first) {
    const auto& words = options.arguments;
    return first < words.size()
               ? fmt::format("{}", fmt::join(words.begin() + first, words.end(), " "))
               : "";
}

int run(const Options& options, Output& out) {
    const int result = run_or_explain(options, out);
    out.flush();
    return result;
}

} // namespace ctrack::query
