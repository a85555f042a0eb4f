// SPDX-License-Identifier: Apache-2.0
#include "recorder/option_helps.h"

#include <CLI/CLI.hpp>

#include "recorder/define_options.h"

namespace ctrack {

std::vector<OptionHelp> option_helps() {
    CLI::App app;
    Options options;
    define_options(app, options);
    std::vector<OptionHelp> helps;
    for (const CLI::Option* option : app.get_options())
        helps.push_back({option->get_name(false, true),
                         option->get_expected_max() > 0 ? option->get_type_name() : "",
                         option->get_default_str(), option->get_description(),
                         option->get_configurable()});
    return helps;
}

} // namespace ctrack
