// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace ctrack {

/// As in syslog(3); the journal filters by it.
enum class Priority { error = 3, warning = 4, notice = 5, info = 6 };

/// A line for the user, and what the journal of systemd stores beside it.
struct Message {
    std::string text;
    Priority priority = Priority::info;
    std::string id{};                  ///< 32 hexadecimal digits that name its kind; or empty
    std::vector<std::string> fields{}; ///< such as "CTRACK_LOST=12"
};

} // namespace ctrack
