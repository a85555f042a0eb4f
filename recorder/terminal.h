// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "recorder/service/message.h"

namespace ctrack {

/// Messages to stderr: lines that stay and, on a terminal, one status line at the bottom that the
/// next one overwrites. Names of others in them cannot act on the terminal or in the log. If stderr
/// goes to the journal of systemd, it gets each message with its fields instead of the line.
class Terminal {
public:
    explicit Terminal(bool quiet);
    ~Terminal(); ///< clears the status line

    void set_quiet(bool quiet) { quiet_ = quiet; }
    bool shows_status() const { return is_terminal_ && !quiet_; }
    void say(const Message& message); ///< a warning or an error even if quiet
    void say(const std::string& line) { say(Message{.text = line}); }
    void warn(const std::string& line) { say({.text = line, .priority = Priority::warning}); }
    static void fail(const std::string& line); ///< says why the program ends
    void show_status(const std::string& line);

private:
    void clear_status();

    bool quiet_;
    bool is_terminal_;
    bool is_journal_;
    bool status_shown_ = false;
};

} // namespace ctrack
