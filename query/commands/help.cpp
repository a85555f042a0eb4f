// SPDX-License-Identifier: Apache-2.0
#include "query/commands/help.h"

#include <span>

#include "common/embedded_sql.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> command_help;

namespace query::command {

std::vector<HelpLine> help_lines() {
    std::vector<HelpLine> all;
    for (const auto& file : command_help) {
        const auto line = file.text.substr(0, file.text.find('\n'));
        all.push_back({std::string(file.name), std::string(line.substr(line.find(": ") + 2))});
    }
    return all;
}

std::string help(std::string_view name) {
    for (const auto& file : command_help)
        if (file.name == name)
            return std::string(file.text);
    return {};
}

} // namespace query::command
} // namespace ctrack
