// SPDX-License-Identifier: Apache-2.0
#include "recorder/checks/print_checks.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/terminal_text.h"

namespace ctrack {

namespace {

std::ptrdiff_t count(const Checks& checks, State state) {
    return std::ranges::count(checks, state, &Check::state);
}

std::string result_of(const Checks& checks) {
    const auto less = count(checks, State::less);
    if (any_fails(checks))
        return "cannot record";
    return less == 0   ? "can record everything"
           : less == 1 ? "can record, but one part gives less"
                       : fmt::format("can record, but {} parts give less", less);
}

} // namespace

bool any_fails(const Checks& checks) { return count(checks, State::fails) > 0; }

std::string text_of(const Checks& checks) {
    std::string text;
    for (const auto& check : checks) {
        text += fmt::format("{:<18}  {:<5}  {}\n", check.part, name_of(check.state),
                            one_line(check.found));
        if (!check.costs.empty())
            text += fmt::format("{:27}costs: {}\n", "", one_line(check.costs));
        if (!check.mend.empty())
            text += fmt::format("{:27}mend: {}\n", "", one_line(check.mend));
    }
    return text + fmt::format("{:<18}  {:<5}  {}\n", "result",
                              any_fails(checks)            ? "fails"
                              : count(checks, State::less) ? "less"
                                                           : "ok",
                              result_of(checks));
}

} // namespace ctrack
