// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace ctrack::query {

/// While it lives, SIGINT, SIGTERM and SIGHUP do not kill the program but can be waited for.
class StopSignals {
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    enum class Cause { none, signal, closed_pipe };

    /// Waits until a signal comes, nobody reads `output` any more, or the time is over.
    Cause wait(std::chrono::milliseconds time, int output) const;

private:
    int descriptor_;
};

} // namespace ctrack::query
