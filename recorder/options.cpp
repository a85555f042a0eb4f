// SPDX-License-Identifier: Apache-2.0
//
// Command line and config file become Options.
#include "recorder/options.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/nearest.h"
#include "recorder/config_file.h"
#include "recorder/define_options.h"

namespace ctrack {

namespace {

// The nearest option of a command line to a word such as --max-sze=1G, as ": did you mean
// --max-size?"
std::string guess(const CLI::App& app, const std::string& word) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options())
        names.push_back("--" + option->get_lnames().at(0));
    const auto name = nearest(word.substr(0, word.find('=')), names);
    return name.empty() || word == "--" ? "" : fmt::format(": did you mean {}?", name);
}

// What is said of words that are no options. CLI11 has them in any order.
std::string unexpected(const CLI::App& app) {
    const auto words = app.remaining();
    const auto option = std::find_if(words.begin(), words.end(),
                                     [](const std::string& word) { return word.starts_with('-'); });
    if (option != words.end())
        return fmt::format("there is no option {}{}", *option, guess(app, *option));
    return fmt::format("'{}' was not expected: --db FILE says into which file to record",
                       words.at(0));
}

// The name of the option in a config file: its long one.
std::string name_of(const CLI::Option& option) { return option.get_lnames().at(0); }

std::vector<std::string> names_in_file(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options())
        if (option->get_configurable())
            names.push_back(name_of(*option));
    return names;
}

// CLI11 would take many words for a flag, and a path would count from where the recorder was
// started.
std::string fault_of(const CLI::Option& option, const std::string& value) {
    const bool is_flag = option.get_items_expected_max() == 0;
    if (is_flag && value != "true" && value != "false")
        return "not true or false";
    const bool is_path = option.get_type_name() == "FILE" || option.get_type_name() == "DIR";
    if (is_path && value[0] != '/' && value != option.get_default_str())
        return "not a path that begins with /";
    return {};
}

// Makes the setting as if it stood in the command line.
void apply(CLI::App& app, const Setting& setting, const Options& options) {
    const std::string argument = fmt::format("--{}={}", setting.name, setting.value);
    const auto& option = *app.get_option("--" + setting.name);
    if (const auto fault = fault_of(option, setting.value); !fault.empty())
        throw ConfigError(options.config, setting.line,
                          fmt::format("{}: {}: {}", setting.name, setting.value, fault));
    try {
        app.parse(std::vector{argument});
    } catch (const CLI::ParseError& e) {
        const std::string_view what = e.what();
        throw ConfigError(options.config, setting.line,
                          std::string(what.substr(what.starts_with("--") ? 2 : 0)));
    }
    if (options.quiet && options.verbose)
        throw ConfigError(options.config, setting.line, "quiet and verbose exclude each other");
}

void apply_config_file(CLI::App& app, Options& options) {
    const bool is_asked_for = app.count("--config") > 0;
    const std::string path = options.config;
    options = Options{};
    options.config = path;
    if (!is_asked_for && is_missing(options.config))
        return;
    for (const auto& setting : read_config_file(options.config, names_in_file(app)))
        apply(app, setting, options);
}

// CLI11 would take the next word for the value, as if there were a blank in the place of the =.
void require_values(int argc, const char* const* argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    for (const auto& word : words)
        if (word.starts_with("--") && word.find('=') == word.size() - 1)
            throw CLI::ValidationError(word.substr(0, word.size() - 1), "it is empty");
}

// The command line is read twice: first for what it is wrong about and for the name of the config
// file, and after that file, because it wins.
void parse(CLI::App& app, Options& options, int argc, const char* const* argv) {
    require_values(argc, argv);
    app.parse(argc, argv);
    apply_config_file(app, options);
    app.parse(argc, argv);
    if (app.count("--verbose") && options.verbose)
        options.quiet = false;
    if (app.count("--quiet") && options.quiet)
        options.verbose = false;
}

ParsedOptions usage_error(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return {std::nullopt, 2, text + "; see ctrack-recorder --help"};
}

} // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
    CLI::App app{"Records every TCP connection of this host into an SQLite file: its events, its\n"
                 "RTT samples and a summary. Runs until SIGINT or SIGTERM. Needs root,\n"
                 "or the capabilities in ctrack-recorder(8); --check tells what is missing.\n"
                 "ctrack-query answers questions over the file.",
                 "ctrack-recorder"};
    Options options;
    define_options(app, options);
    try {
        parse(app, options, argc, argv);
        return {options, 0, {}};
    } catch (const ConfigError& e) {
        return usage_error(e.what());
    } catch (const CLI::ExtrasError&) {
        return usage_error(unexpected(app));
    } catch (const CLI::ParseError& e) {
        return e.get_exit_code() == 0 ? ParsedOptions{std::nullopt, app.exit(e), {}}
                                      : usage_error(e.what());
    }
}

} // namespace ctrack
