// SPDX-License-Identifier: Apache-2.0
//
// ctrack-query ends with 0, also if it has found nothing, with 1 if it failed or a check has found
// something wrong, with 2 if the command line is wrong, and with 130 if Ctrl-C stopped it.
#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include "query/base/say.h"
#include "query/base/usage_error.h"
#include "query/cli/commands.h"
#include "query/cli/parse_options.h"
#include "query/render/screen.h"
#include "query/sql/watch.h"
#include "schema/schema.h"

namespace {

using namespace ctrack::query;

int complain(std::string message, int exit_code) {
    std::replace(message.begin(), message.end(), '\n', ' ');
    say(message);
    return exit_code;
}

// Says what went wrong, and returns the exit code.
template <typename Run> int explained(Run run) {
    try {
        return run();
    } catch (const ClosedPipe&) {
        return 0;
    } catch (const Interrupted& e) {
        return complain(e.what(), 130);
    } catch (const UsageError& e) {
        return complain(e.what(), 2);
    } catch (const std::exception& e) {
        return complain(e.what(), 1);
    }
}

// Makes UTC the local zone, in which times are read and shown.
void use_utc() {
    setenv("TZ", "UTC0", 1);
    tzset();
}

// The pager for a result that has an end, if stdout is a terminal; else empty.
std::string pager_for(const Options& options) {
    const bool is_wanted = isatty(STDOUT_FILENO) != 0 && !options.no_pager && !options.follow;
    return is_wanted ? pager_command() : std::string();
}

int parse_and_run(const std::vector<std::string>& arguments) {
    const auto options = parse_options(arguments);
    if (options.utc)
        use_utc();
    std::optional<Screen> screen;
    if (const auto pager = pager_for(options); !pager.empty())
        screen.emplace(pager);
    return explained([&] {
        Output out = screen ? Output(*screen) : Output(stdout);
        return run(options, out);
    });
}

} // namespace

int main(int argc, char** argv) {
    ctrack::schema::spare_memory_statistics();
    std::setlocale(LC_CTYPE, ""); // tells a table how wide characters are
    return explained([&] { return parse_and_run({argv + 1, argv + argc}); });
}
