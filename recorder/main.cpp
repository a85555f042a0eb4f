// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include "recorder/options.h"
#include "recorder/recorder.h"
#include "recorder/signals.h"

int main(int argc, char** argv) {
    const auto parsed = ctrack::parse_options(argc, argv);
    if (!parsed.options)
        return parsed.exit_code;
    try {
        const auto stop = ctrack::stop_signals();
        ctrack::Recorder(*parsed.options).run(stop);
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ctrack-recorder: %s\n", e.what());
        return 1;
    }
}
