// SPDX-License-Identifier: Apache-2.0
#include "query/base/say.h"

#include <cstdio>

#include "common/terminal_text.h"

namespace ctrack::query {

// Whether it could be written is of no use to know: the reader may have gone.
void say(std::string_view line) {
    std::fputs(("ctrack-query: " + one_line(line) + "\n").c_str(), stderr);
}

} // namespace ctrack::query
