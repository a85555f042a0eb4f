// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace ctrack {

/// What a part of this host, or of the recorder's own rights, lets the recorder do.
enum class State {
    ok,    ///< all that it needs
    less,  ///< it records, but something is missing from the file
    fails, ///< nothing can be recorded
};

/// What was found of one part. The SQL table host_checks has those of each recording, so `part` is
/// one of the words of its CHECK, or the check is one that is not stored.
struct Check {
    std::string part;
    State state = State::ok;
    std::string found;
    std::string costs{}; ///< what the file lacks, if that is less
    std::string mend{};  ///< what to do about it
};

using Checks = std::vector<Check>;

/// The word for it, as in the column host_checks.state.
constexpr const char* name_of(State state) {
    switch (state) {
    case State::ok: return "ok";
    case State::less: return "less";
    case State::fails: break;
    }
    return "fails";
}

} // namespace ctrack
