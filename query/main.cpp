// SPDX-License-Identifier: Apache-2.0
//
// ctrack-query ends with 0, also if it has found nothing, with 1 if it failed or a check has found
// something wrong, with 2 if the command line is wrong, and with 130 if Ctrl-C stopped it.
#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "query/base/say.h"
#include "query/base/usage_error.h"
#include "query/cli/commands.h"
#include "query/cli/parse_options.h"
#include "query/sql/watch.h"
#include "schema/schema.h"

namespace {

int complain(std::string message, int exit_code) {
    std::replace(message.begin(), message.end(), '\n', ' ');
    ctrack::query::say(message);
    return exit_code;
}

// Makes UTC the local zone, in which times are read and shown.
void use_utc() {
    setenv("TZ", "UTC0", 1);
    tzset();
}

} // namespace

int main(int argc, char** argv) {
    using namespace ctrack::query;
    ctrack::schema::spare_memory_statistics();
    std::setlocale(LC_CTYPE, ""); // tells a table how wide characters are
    Output out(stdout);
    try {
        const auto options = parse_options({argv + 1, argv + argc});
        if (options.utc)
            use_utc();
        return run(options, out);
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
