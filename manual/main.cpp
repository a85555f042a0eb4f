// SPDX-License-Identifier: Apache-2.0
//
// Usage: ctrack-reference SCRATCH.db. The build runs it; it is not installed.
#include <cstdio>
#include <exception>
#include <filesystem>

#include "manual/reference.h"
#include "version.h"

int main(int argc, char** argv) try {
    if (argc != 2)
        throw std::invalid_argument("expected the name of a file to make and remove");
    const std::filesystem::path scratch = argv[1];
    std::filesystem::remove(scratch);
    const ctrack::manual::Json all{{"version", CTRACK_VERSION},
                                   {"query", ctrack::manual::query_reference(scratch)},
                                   {"recorder", ctrack::manual::recorder_reference()}};
    std::filesystem::remove(scratch);
    std::puts(all.dump(1).c_str());
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "ctrack-reference: %s\n", e.what());
    return 1;
}
