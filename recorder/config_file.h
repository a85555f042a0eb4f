// SPDX-License-Identifier: Apache-2.0
//
// The recorder's config file. A line of it is blank, a comment that begins with #, or NAME=VALUE,
// where blanks around NAME and VALUE do not count. VALUE is taken as it stands: there are no
// quotes, no lists, no sections and no comments behind it. Whatever looks as if its author thought
// otherwise is an error, because a recorder that runs for months should do what its file seems to
// say.
#pragma once

#include <string>
#include <vector>

#include "common/error.h"

namespace ctrack {

struct Setting {
    std::string name;
    std::string value;
    int line;
};

/// What is wrong with a config file, as FILE:LINE: WHAT. The program ends with exit code 2.
struct ConfigError : Error {
    ConfigError(const std::string& path, int line, const std::string& what);
    using Error::Error;
};

/// Whether there is no such file.
bool is_missing(const std::string& path);

/// The settings of the file in their order, each of them one of the names and none of them twice.
/// Throws ConfigError, also if somebody else could have written the file.
std::vector<Setting> read_config_file(const std::string& path,
                                      const std::vector<std::string>& names);

} // namespace ctrack
