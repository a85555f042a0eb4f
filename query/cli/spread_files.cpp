// SPDX-License-Identifier: Apache-2.0
#include "query/cli/spread_files.h"

#include <algorithm>
#include <filesystem>

#include "query/cli/commands.h"

namespace ctrack::query {

namespace {

// Where a word says that a file is named: it is the next word after -r, or part of the word itself.
enum class Place { none, next_word, here };

Place file_place(const std::string& word) {
    if (word == "-r" || word == "--read")
        return Place::next_word;
    const bool is_joined = word.starts_with("--read=") || word.starts_with("-r");
    return is_joined ? Place::here : Place::none;
}

bool is_another_file(const std::string& word) {
    std::error_code error;
    if (word.starts_with('-') || !std::filesystem::exists(word, error))
        return false;
    const auto commands = command_names();
    return std::find(commands.begin(), commands.end(), word) == commands.end();
}

} // namespace

std::vector<std::string> spread_files(const std::vector<std::string>& arguments) {
    std::vector<std::string> spread;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        spread.push_back(arguments[i]);
        const auto place = file_place(arguments[i]);
        if (place == Place::next_word && i + 1 < arguments.size())
            spread.push_back(arguments[++i]);
        while (place != Place::none && i + 1 < arguments.size() &&
               is_another_file(arguments[i + 1]))
            spread.insert(spread.end(), {"-r", arguments[++i]});
    }
    return spread;
}

} // namespace ctrack::query
