// SPDX-License-Identifier: Apache-2.0
//
// Makes a ctrack file of an invented day.
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/bulk_writer.h"
#include "bench/traffic.h"
#include "common/error.h"

using namespace ctrack;
using namespace ctrack::bench;

namespace {

struct Output {
    std::string path;
    bool stores_samples = true;
};

void define(CLI::App& app, Shape& shape, Output& output) {
    app.add_option("--connections", shape.connections)
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--samples", shape.samples, "RTT samples, about")->capture_default_str();
    app.add_option("--busy", shape.busy,
                   "Connections that are open all day, and move in each second")
        ->capture_default_str();
    app.add_option("--seconds", shape.seconds, "Length of the day")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--seed", shape.seed)->capture_default_str();
    app.add_flag_callback("--no-events", [&shape] { shape.events = false; });
    app.add_flag_callback("--no-losses", [&shape] { shape.losses = false; });
    app.add_flag_callback(
        "--count-samples", [&output] { output.stores_samples = false; },
        "Count the samples in minutes, and store none");
    app.add_option("OUT.db", output.path, "A new file")->required()->check(CLI::NonexistentPath);
}

void generate(const Shape& shape, const Output& output) {
    Traffic traffic(shape);
    BulkWriter writer(output.path, Traffic::begin_us);
    while (auto batch = traffic.next()) {
        if (!output.stores_samples)
            batch->rtt_samples.clear();
        if (!batch->empty())
            writer.write(*batch, traffic.now_us());
    }
    writer.finish(traffic.now_us());
}

} // namespace

int main(int argc, char** argv) try {
    Shape shape{.connections = 100'000, .samples = 1'000'000};
    Output output;
    CLI::App app("Makes a ctrack file of an invented day.");
    define(app, shape, output);
    CLI11_PARSE(app, argc, argv);
    generate(shape, output);
    return 0;
} catch (const std::exception& e) {
    fmt::print(stderr, "generate: {}\n", e.what());
    return 1;
}
