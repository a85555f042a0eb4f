// SPDX-License-Identifier: Apache-2.0
#include "query/cli/commands.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "common/nearest.h"
#include "query/base/say.h"
#include "query/base/usage_error.h"
#include "query/cli/misplaced.h"
#include "query/cli/option_table.h"
#include "query/cli/parse_options.h"
#include "query/commands/command.h"
#include "query/commands/help.h"
#include "query/filter/help.h"
#include "query/filter/values.h"
#include "query/report/catalog.h"
#include "query/report/grouping.h"
#include "query/report/run_report.h"
#include "version.h"

namespace ctrack::query {

namespace {

int list_reports(const Options& options, Output& out) {
    const auto renderer = renderer_for(options, out);
    Layout layout;
    layout.fitting = Fitting::hide;
    layout.least_useful = {"aliases"};
    renderer->begin({"name", "aliases", "question"}, layout);
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
    for (const auto& line : command::help_lines())
        out.write(fmt::format("  {:<12} {}\n", line.name, line.text));
    out.write("\nReports:\n");
    for (const auto& report : all_reports())
        out.write(fmt::format("  {:<12} {}{}\n", report.name, report.question, also(report)));
}

void write_help(const std::string& topic, Output& out) {
    if (topic.empty())
        write_usage(out);
    else if (topic == "filter")
        out.write(filter::help());
    else if (const auto text = command::help(topic); !text.empty())
        out.write(text);
    else
        out.write(report_named(topic).help);
}

int help(const Options& options, Output& out) {
    write_help(options.arguments.empty() ? "" : options.arguments[0], out);
    return 0;
}

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

struct Command {
    std::string_view name, arguments;
    std::size_t least, most; // say how many arguments it takes
    int (*run)(const Options&, Output&);
    bool is_like_report = false; // takes the options that reports take
};

constexpr std::array commands{
    Command{"list", "", 0, 0, list_reports},
    Command{"help", "[REPORT | COMMAND | filter]", 0, 1, help, true},
    Command{"sql", "STATEMENT", 1, any_number, command::sql, true},
    Command{"snapshot", "[FILTER]", 0, any_number, command::snapshot},
    Command{"merge", "FILE...", 1, any_number, command::merge},
    Command{"diff", "[FILE FILE] [FILTER]", 0, any_number, command::diff},
    Command{"export", "[FILTER]", 0, any_number, command::export_},
    Command{"schema", "", 0, 0, command::schema},
    Command{"verify", "[FILE]", 0, 1, command::verify},
};

void check_arguments(const Command& command, const Options& options) {
    if (options.arguments.size() < command.least)
        throw UsageError(fmt::format("{0} needs one more argument: see 'ctrack-query help {0}'",
                                     options.command));
    if (options.arguments.size() > command.most)
        throw UsageError(fmt::format("{0} does not take '{1}': see 'ctrack-query help {0}'",
                                     options.command, options.arguments[command.most]));
}

[[noreturn]] void refuse_option(const Options& options, const Option& option,
                                const Command* command) {
    if (command == nullptr || command->is_like_report || options.command == "list")
        throw UsageError(
            fmt::format("{} does not take {}: leave it out", options.command, option.short_name()));
    if (option.narrows())
        throw UsageError(
            fmt::format("{} takes no filter: leave out {}", command->name, option.short_name()));
    throw UsageError(fmt::format("{0} does not take {1}: leave it out; 'ctrack-query help {0}' has "
                                 "its options",
                                 command->name, option.short_name()));
}

// Refuses an option that would change nothing, because that is a misunderstanding. `command` is
// nullptr for a report.
void check_options(const Options& options, const Command* command) {
    const bool is_like_report = command == nullptr || command->is_like_report;
    for (const auto* option : options.given)
        if (!(is_like_report && is_taken_by(*option, "reports")) &&
            !is_taken_by(*option, options.command))
            refuse_option(options, *option, command);
    if (!is_like_report && options.files.size() > 1 && options.command != "diff")
        throw UsageError(fmt::format("{} reads one file: leave out all -r but one, or merge them "
                                     "first",
                                     options.command));
}

// Lists the connections with that end, of which the user may then name one.
void list_candidates(const std::string& name, const Options& options, Output& out) {
    auto report = report_named("connections");
    report.name = name;
    report.argument = Argument{".*", ""}; // that there are none is a failure, as of one connection
    report.main.layout.is_optional = true;
    Options listing = options;
    listing.given.clear(); // those that this report would refuse are of the other one
    listing.argument = options.arguments[0];
    listing.narrowing.push_back({name, "address", options.arguments[0]});
    listing.columns = "id,opened_us,duration_us,comm,pid,local,peer,outcome";
    run_report(std::move(report), filter_words(options, 1), listing, out);
    say("one end may be of several connections: name one by its ID in this list, or by both ends "
        "as "
        "LOCAL-PEER");
}

void run_named_report(const Options& options, Output& out) {
    auto report = grouped_by(report_named(options.command), options.by);
    if (!report.argument)
        return run_report(std::move(report), filter_words(options, 0), options, out);
    Options with_argument = options;
    if (options.arguments.empty())
        throw UsageError(fmt::format(
            "{0} needs to know which: 'ctrack-query help {0}' has examples", report.name));
    with_argument.argument = options.arguments[0];
    if (options.arguments.size() == 2 && filter::is_one_end(options.arguments[1])) {
        *with_argument.argument += "-" + options.arguments[1];
        with_argument.arguments.pop_back();
    } else if (filter::is_one_end(options.arguments[0])) {
        return list_candidates(report.name, options, out);
    }
    run_report(std::move(report), filter_words(with_argument, 1), with_argument, out);
}

int run_command(const Options& options, Output& out) {
    if (options.command.empty())
        throw UsageError("no report given: 'ctrack-query list' shows them all");
    refuse_misplaced(options);
    const auto* command =
        std::find_if(commands.begin(), commands.end(),
                     [&](const Command& candidate) { return candidate.name == options.command; });
    if (command == commands.end()) {
        check_options(options, nullptr);
        run_named_report(options, out);
        return 0;
    }
    check_arguments(*command, options);
    check_options(options, command);
    return command->run(options, out);
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

std::vector<std::string> command_names() {
    std::vector<std::string> names;
    for (const auto& command : commands)
        names.emplace_back(command.name);
    const auto reports = report_names();
    names.insert(names.end(), reports.begin(), reports.end());
    return names;
}

std::vector<CommandForm> command_forms() {
    std::vector<CommandForm> forms;
    for (const auto& command : commands)
        forms.push_back({command.name, command.arguments});
    return forms;
}

Report report_named(const std::string& name) {
    if (auto report = find_report(name))
        return std::move(*report);
    const auto guess = nearest(name, command_names());
    throw UsageError(fmt::format("no report '{}'{} 'ctrack-query list' shows them all", name,
                                 guess.empty() ? ";" : fmt::format(": did you mean {}?", guess)));
}

int run(const Options& options, Output& out) {
    const int result = run_or_explain(options, out);
    out.flush();
    return result;
}

} // namespace ctrack::query
