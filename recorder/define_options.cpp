// SPDX-License-Identifier: Apache-2.0
#include "recorder/define_options.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/units.h"
#include "recorder/pace.h"
#include "version.h"

namespace ctrack {

namespace {

constexpr std::uint64_t min_ring_bytes = 4096;
constexpr std::uint64_t max_ring_bytes = 1 << 30;
constexpr std::uint64_t least_max_bytes = 64 << 20;
constexpr std::uint64_t greatest_max_bytes = std::uint64_t{1} << 60;

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds least_interval{100};

// A length of time above zero; nullopt also above a hundred years, which clocks cannot count to.
std::optional<microseconds> duration_of(const std::string& text) {
    constexpr microseconds longest = std::chrono::hours(24 * 36500);
    const microseconds duration{parse_duration(text).value_or(0)};
    return duration.count() > 0 && duration <= longest ? std::optional(duration) : std::nullopt;
}

// Adds an option that takes a length of time of at least so much; off means 0 where that is
// allowed.
void add_duration(CLI::App& app, const std::string& name, milliseconds& value, milliseconds least,
                  bool can_be_off, const std::string& standard, const std::string& description) {
    app.add_option_function<std::string>(
           name,
           [=, &value](const std::string& text) {
               const bool is_off = can_be_off && text == "off";
               const auto parsed = is_off ? microseconds{0} : duration_of(text);
               if (!parsed || (!is_off && *parsed < least))
                   throw CLI::ValidationError(
                       name, fmt::format("{}: not a length of time of at least {} ms; "
                                         "write it as 500ms, 10s, 5m or 2h{}",
                                         text, least.count(), can_be_off ? ", or off" : ""));
               value = duration_cast<milliseconds>(*parsed);
           },
           description)
        ->type_name("T")
        ->default_str(standard);
}

void set_interval(Options& options, const std::string& text) {
    const auto floor = text == "off" ? std::optional(microseconds{0}) : duration_of(text);
    if (!floor || (text != "off" && *floor < least_interval) || *floor > slowest_pace)
        throw CLI::ValidationError("--interval",
                                   text + ": not off, nor a length of time from 100ms to 10s");
    options.interval = duration_cast<milliseconds>(*floor);
}

void set_rtt(Options& options, const std::string& text) {
    const auto gap = duration_of(text);
    if (text != "every" && text != "off" && !gap)
        throw CLI::ValidationError("--rtt", text + ": not every, off or a least gap such as 10ms");
    options.rtt = text;
    options.rtt_enabled = text != "off";
    options.rtt_min_gap = gap.value_or(microseconds{0});
}

// A size such as "500M" in bytes; 0 for "off".
std::optional<std::uint64_t> size_of(std::string text) {
    static constexpr std::array units = std::to_array<Unit>({{"", 1},
                                                             {"B", 1},
                                                             {"K", 0x1p10},
                                                             {"KB", 0x1p10},
                                                             {"KIB", 0x1p10},
                                                             {"M", 0x1p20},
                                                             {"MB", 0x1p20},
                                                             {"MIB", 0x1p20},
                                                             {"G", 0x1p30},
                                                             {"GB", 0x1p30},
                                                             {"GIB", 0x1p30},
                                                             {"T", 0x1p40},
                                                             {"TB", 0x1p40},
                                                             {"TIB", 0x1p40},
                                                             {"P", 0x1p50},
                                                             {"PB", 0x1p50},
                                                             {"PIB", 0x1p50}});
    if (text == "off")
        return 0;
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    return parse_with_unit(text, units);
}

void set_max_size(Options& options, const std::string& text) {
    const auto bytes = size_of(text);
    if (!bytes || (*bytes != 0 && (*bytes < least_max_bytes || *bytes > greatest_max_bytes)))
        throw CLI::ValidationError("--max-size",
                                   text + ": not a size of at least 64M and at most 1024P, such as "
                                          "500M or 20G, nor off");
    options.max_bytes = *bytes;
}

// Sets both kinds of rings.
void set_ring_size(Options& options, const std::string& text) {
    options.lifecycle_ring_bytes = default_lifecycle_bytes;
    options.sample_ring_bytes = default_sample_bytes;
    if (text == "auto")
        return;
    const auto bytes = size_of(text);
    if (!bytes || *bytes < min_ring_bytes || *bytes > max_ring_bytes)
        throw CLI::ValidationError("--ring-size",
                                   text + ": not a size from 4096 to 1G, such as 64M, nor auto");
    options.lifecycle_ring_bytes = options.sample_ring_bytes = *bytes;
}

// The options that say how much the file may hold.
void define_limits(CLI::App& app, Options& options) {
    app.add_option_function<std::string>(
           "--max-size", [&options](const std::string& text) { set_max_size(options, text); },
           "Bytes that the file and its -wal may take together, at least 64M; the oldest data "
           "goes first; off: no bound")
        ->type_name("SIZE")
        ->default_str("2G");
    add_duration(app, "--max-age", options.max_age, milliseconds{1000}, true, "off",
                 "Delete what is older, such as 12h or 30d; off: keep it while there is room");
}

// How much of what happens is recorded, and how often.
void define_detail(CLI::App& app, Options& options) {
    app.add_option_function<std::string>(
           "--interval", [&options](const std::string& text) { set_interval(options, text); },
           "Least time between two looks at what each open connection has moved, from 100ms to "
           "10s; it grows up to 10s where looking takes more than 1 % of one CPU; off: not at all")
        ->type_name("T")
        ->default_str("1s");
    app.add_option_function<std::string>(
           "--rtt", [&options](const std::string& text) { set_rtt(options, text); },
           "RTT samples to store: every one, one in this time for each connection, or none")
        ->type_name("every|MIN-GAP|off")
        ->default_str("every");
    app.add_option_function<std::string>(
           "--ring-size", [&options](const std::string& text) { set_ring_size(options, text); },
           "Bytes of all rings of a kind, from 4096 to 1G; auto: 64M for events, 16M for RTT "
           "samples")
        ->type_name("SIZE")
        ->default_str("auto");
    app.add_option(
           "--connect-errors", options.connect_errors,
           "How to see connect() calls that fail before TCP (no route, no port, forbidden): "
           "as cheaply as the kernel can; by a tracepoint, which slows every system call "
           "of the host by some 40 ns; or not at all")
        ->type_name("HOW")
        ->check(CLI::IsMember({"auto", "tracepoint", "off"}));
    app.add_option("--namespaces", options.namespaces,
                   "When to enter other network namespaces: at the start only; or always, which "
                   "address translation (NAT) within containers needs, and CAP_SYS_ADMIN for life")
        ->type_name("WHEN")
        ->check(CLI::IsMember({"start", "always"}));
}

// What is of the command line alone: the names that no config file may have.
void define_config(CLI::App& app, Options& options) {
    app.set_version_flag("--version", "ctrack-recorder " CTRACK_VERSION)->configurable(false);
    app.get_help_ptr()->configurable(false);
    app.add_option("--config", options.config,
                   "Read options from this file, as NAME=VALUE lines; those of the command line "
                   "win")
        ->type_name("FILE")
        ->configurable(false);
}

// An empty name is most likely that of a shell variable that is not set.
std::string require_text(const std::string& text) { return text.empty() ? "it is empty" : ""; }

} // namespace

void define_options(CLI::App& app, Options& options) {
    app.option_defaults()->always_capture_default()->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);
    app.add_option("--db", options.db, "File to record into; its folder is made if missing")
        ->type_name("FILE")
        ->check(require_text);
    app.add_option("--cgroup", options.cgroup,
                   "cgroup2 directory whose sockets are recorded; auto: the root of cgroup2")
        ->type_name("DIR")
        ->check(require_text);
    add_duration(app, "--duration", options.duration, milliseconds{1}, true, "off",
                 "Stop after this long, such as 10s or 2h; off: run until told to stop");
    add_duration(app, "--commit-interval", options.commit_interval, milliseconds{10}, false, "1s",
                 "Time between two transactions");
    define_detail(app, options);
    define_limits(app, options);
    auto* quiet = app.add_flag("-q,--quiet", options.quiet, "Print errors only");
    app.add_flag("-v,--verbose", options.verbose, "Print each commit, and libbpf's messages")
        ->excludes(quiet);
    app.add_flag("--check", options.checks_only,
                 "Tell whether this host can record, what is missing and what that costs, and end")
        ->configurable(false);
    define_config(app, options);
}

} // namespace ctrack
