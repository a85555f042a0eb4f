// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "common/file_descriptor.h"
#include "recorder/committer.h"
#include "recorder/host/wall_clock.h"
#include "recorder/options.h"
#include "recorder/options_text.h"
#include "recorder/terminal.h"

namespace ctrack {

/// Reads command line and config file anew.
using ReadOptions = std::function<ParsedOptions()>;

/// Brings the options up to date when a SIGHUP asks for it, and says what that has changed. Options
/// that are wrong, and those that only a restart can change, stay as they are.
class Reloader {
public:
    /// What is given by reference must outlive it.
    Reloader(Options& options, ReadOptions read, const FileDescriptor& hangups,
             Committer& committer, const WallClock& clock, Terminal& terminal);

    /// Returns whether a SIGHUP has come and has changed options. Throws Error.
    bool reload();

private:
    bool read_again();
    void take(const Reloaded& reloaded);

    Options& options_;
    ReadOptions read_;
    const FileDescriptor& hangups_;
    Committer& committer_;
    const WallClock& clock_;
    Terminal& terminal_;
    std::string before_; ///< lines such as "max-size=2G until 2026-11-29T10:00:00Z"
};

} // namespace ctrack
