// SPDX-License-Identifier: Apache-2.0
#include <exception>

#include <malloc.h>
#include <sys/stat.h>

#include "recorder/options.h"
#include "recorder/recorder.h"
#include "recorder/signals.h"
#include "recorder/start_checks.h"
#include "recorder/terminal.h"

// Makes the allocator give memory back to the system when a burst is over. By default it learns
// from the first large block that is freed to keep such blocks.
static void give_back_memory() {
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

// Lets others read nothing of what is made here, whatever the umask of the caller is, and lets the
// owner and the group read it.
static void make_files_for_owner_and_group() { umask(027); }

int main(int argc, char** argv) {
    const auto parsed = ctrack::parse_options(argc, argv);
    if (!parsed.error.empty())
        ctrack::Terminal::fail(parsed.error);
    if (!parsed.options)
        return parsed.exit_code;
    give_back_memory();
    make_files_for_owner_and_group();
    try {
        const auto signals = ctrack::take_signals();
        if (parsed.options->checks_only)
            return ctrack::run_checks(*parsed.options, signals.stop);
        ctrack::record(*parsed.options, signals, [=] { return ctrack::parse_options(argc, argv); });
        return 0;
    } catch (const std::exception& e) {
        ctrack::Terminal::fail(e.what());
        return 1;
    }
}
