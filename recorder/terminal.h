// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ctrack {

/// Messages to stderr: lines that stay and, on a terminal, one status line at the bottom that the
/// next one overwrites. Names of others in them cannot act on the terminal or in the log.
class Terminal {
public:
    explicit Terminal(bool quiet);
    ~Terminal(); ///< clears the status line

    bool shows_status() const { return is_terminal_ && !quiet_; }
    void say(const std::string& line);
    void warn(const std::string& line); ///< says it even if quiet
    void show_status(const std::string& line);

private:
    void clear_status();

    bool quiet_;
    bool is_terminal_;
    bool status_shown_ = false;
};

} // namespace ctrack
