// SPDX-License-Identifier: Apache-2.0
#include "query/cli/misplaced.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <strings.h>

#include "common/nearest.h"
#include "query/base/usage_error.h"
#include "query/cli/commands.h"
#include "query/cli/option_table.h"
#include "query/filter/numbers.h"
#include "query/report/catalog.h"
#include "query/time/parse_time.h"

namespace ctrack::query {

namespace {

// What other programs call our options.
struct OtherName {
    std::string_view name, ours;
};
constexpr std::array<OtherName, 26> other_names{{
    {"--from", "-b"},       {"--start", "-b"},
    {"-S", "-b"},           {"--to", "-e"},
    {"--stop", "-e"},       {"-U", "-e"},
    {"--format", "-o"},     {"--json", "-o json"},
    {"-j", "-o json"},      {"--ndjson", "-o ndjson"},
    {"--csv", "-o csv"},    {"--tsv", "-o tsv"},
    {"--process", "-c"},    {"--program", "-c"},
    {"--name", "-c"},       {"--file", "-r"},
    {"--db", "-r"},         {"--input", "-r"},
    {"-i", "-r"},           {"-v", "-V"},
    {"--all", "-n 0"},      {"-a", "-n 0"},
    {"--group-by", "--by"}, {"--fields", "-f"},
    {"--src", "--local"},   {"--dst", "--peer"},
}};

bool is_file(const std::string& word) {
    std::error_code error;
    return std::filesystem::is_regular_file(word, error);
}

bool is_statement(const std::string& word) {
    static constexpr std::array<const char*, 2> verbs{"select", "with"};
    const auto verb = word.substr(0, word.find(' '));
    return std::any_of(verbs.begin(), verbs.end(),
                       [&](const char* known) { return strcasecmp(known, verb.c_str()) == 0; });
}

[[noreturn]] void refuse_file(const std::string& file, const std::string& report) {
    throw UsageError(
        fmt::format("{0} is a file: name it with -r, as in ctrack-query -r {0} {1}", file, report));
}

// Other commands begin with words of their own.
bool takes_filter_first(const std::string& command) {
    return command == "snapshot" || command == "export" || find_report(command);
}

void refuse_first_word(const Options& options, const std::string& word) {
    if (word.find_first_of("./") != std::string::npos && is_file(word))
        refuse_file(word, options.command);
    if (is_clock_time(word))
        throw UsageError(fmt::format("found '{}' where a filter begins: write a time of several "
                                     "words in quotes, as -b \"2026-11-21 14:00\"",
                                     word));
    if (const auto number = filter::parse_integer(word); number && *number < 0)
        throw UsageError(fmt::format("found '{}': -n{} shows so many rows", word, -*number));
}

} // namespace

void refuse_misplaced(const Options& options) {
    const auto names = command_names();
    const bool is_known = std::find(names.begin(), names.end(), options.command) != names.end();
    const auto& words = options.arguments;
    if (!is_known && is_file(options.command))
        refuse_file(options.command, words.empty() ? "summary" : words[0]);
    if (!is_known && is_statement(options.command))
        throw UsageError("found SQL where a report is expected: ctrack-query sql \"SELECT ...\"");
    if (options.command == "sql" && words.size() > 1 && is_statement(words[0]) &&
        words[0].find(' ') == std::string::npos)
        throw UsageError("write the statement in quotes, as sql \"SELECT ...\"");
    if (is_known && !words.empty() && takes_filter_first(options.command))
        refuse_first_word(options, words[0]);
}

std::string option_meant_by(std::string_view unknown) {
    for (const auto& [name, ours] : other_names)
        if (name == unknown)
            return std::string(ours);
    std::vector<std::string> names;
    for (const auto& option : option_table())
        names.emplace_back(option.names.substr(option.names.rfind(',') + 1));
    return unknown.starts_with("--") ? nearest(unknown, names) : "";
}

} // namespace ctrack::query
