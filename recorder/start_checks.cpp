// SPDX-License-Identifier: Apache-2.0
#include "recorder/start_checks.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "common/error.h"
#include "recorder/checks/host_checks.h"
#include "recorder/checks/limit_checks.h"
#include "recorder/checks/loopback.h"
#include "recorder/checks/print_checks.h"
#include "recorder/checks/probe_checks.h"
#include "recorder/checks/trial.h"
#include "recorder/from_options.h"
#include "recorder/host/cgroup.h"
#include "recorder/host/memory_limit.h"
#include "recorder/kernel/hook_programs.h"
#include "recorder/store/file_check.h"

namespace ctrack {

namespace {

namespace fs = std::filesystem;

std::uint64_t bytes_of(const RingLayout& layout) { return layout.rings * layout.bytes_of_one; }

Memory memory_of(const Options& options) {
    const ProbeOptions probe = probe_options(options);
    return {.ring_bytes = bytes_of(probe.lifecycle_rings) + bytes_of(probe.sample_rings),
            .limit = memory_limit({.root_v2 = find_cgroup2_root().value_or("")}),
            .available = memory_available()};
}

// Whether the sockets that this process makes are among those that are recorded.
bool is_in(const std::string& cgroup) {
    const auto root = find_cgroup2_root();
    std::ifstream lines("/proc/self/cgroup");
    for (std::string line; root && std::getline(lines, line);)
        if (line.starts_with("0::")) {
            std::error_code ignored;
            const auto from = fs::canonical(cgroup, ignored).lexically_relative(*root);
            const std::string below = "/" + (from == "." ? "" : from.string() + "/");
            return (line.substr(3) + "/").starts_with(below);
        }
    return false;
}

// A walk and a connection of its own try what attaching alone does not.
Checks try_programs(const Options& options, const FileDescriptor& stop) try {
    const std::string directory = cgroup_of(options);
    const FileDescriptor cgroup = open_cgroup(directory);
    const auto others = programs_on_hook(cgroup);
    const Loopback older; // so that there is one to adopt
    Probe probe(probe_options(options), cgroup, stop);
    probe.attach(cgroup);
    const auto adoption = probe.adopt();
    probe.begin_walk();
    probe.walk([](auto) { return true; });
    Checks checks{{"programs", State::ok, "loaded and attached"}};
    append(checks, check_started(options, probe, others, adoption));
    checks.push_back(try_a_connection(probe, options.rtt_enabled, is_in(directory)));
    return checks;
} catch (const Error& e) {
    return {{"programs", State::fails, e.what(), "nothing can be recorded"}};
}

} // namespace

Checks check_before_start(const Options& options) {
    Checks checks = check_host(options.cgroup == "auto" ? "" : options.cgroup);
    checks.push_back(check_memory(memory_of(options)));
    return checks;
}

Checks check_started(const Options& options, const Probe& probe,
                     const std::vector<std::string>& others, std::optional<Adoption> adoption) {
    Checks checks = check_seen({.others = others,
                                .connect_errors = probe.connect_errors(),
                                .wants_connect_errors = options.connect_errors != "off",
                                .accept = probe.sees_accept(),
                                .adoption = adoption});
    checks.push_back(check_open_files());
    return checks;
}

void say_less(const Checks& checks, Terminal& terminal) {
    if (const auto parts = parts_with_less(checks); !parts.empty())
        terminal.say(fmt::format("less is recorded than could be: {}; ctrack-recorder --check "
                                 "tells what each costs",
                                 parts));
}

void append(Checks& checks, const Checks& more) {
    checks.insert(checks.end(), more.begin(), more.end());
}

static void print(const std::string& text) {
    if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
        throw Error(fmt::format("cannot print the checks: {}", std::strerror(errno)));
}

int run_checks(const Options& options, const FileDescriptor& stop) {
    Checks checks = check_before_start(options);
    if (!any_fails(checks))
        append(checks, try_programs(options, stop));
    checks.push_back(check_file(options.db));
    checks.push_back(check_disk(options.db, options.max_bytes));
    print(text_of(checks));
    return any_fails(checks) ? 1 : 0;
}

} // namespace ctrack
