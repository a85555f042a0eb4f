// SPDX-License-Identifier: Apache-2.0
//
// What there is to set, for the command line and for the config file. Each option tells its default
// in words that it takes, so that a config file can hold them all.
#pragma once

#include "recorder/options.h"

namespace CLI {
class App;
}

namespace ctrack {

/// Defines all options. Parsing puts them into `options`, which must live as long as the App. Those
/// that are not configurable() are for the command line alone.
void define_options(CLI::App& app, Options& options);

} // namespace ctrack
