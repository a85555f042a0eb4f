// SPDX-License-Identifier: Apache-2.0
//
// The only file of the recorder that includes CLI11.
#include "recorder/options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/terminal_text.h"
#include "common/units.h"
#include "recorder/pace.h"
#include "version.h"

namespace ctrack {

namespace {

constexpr const char* default_config = "/etc/ctrack/ctrack-recorder.conf";
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

// Adds an option that takes a length of time of at least so much.
void add_duration(CLI::App& app, const std::string& name, milliseconds& value, milliseconds least,
                  const std::string& description) {
    app.add_option_function<std::string>(
           name,
           [name, &value, least](const std::string& text) {
               const auto parsed = duration_of(text);
               if (!parsed || *parsed < least)
                   throw CLI::ValidationError(
                       name, fmt::format("{}: not a length of time of at least {} ms; "
                                         "write it as 500ms, 10s, 5m or 2h",
                                         text, least.count()));
               value = duration_cast<milliseconds>(*parsed);
           },
           description)
        ->type_name("T");
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
std::optional<std::uint64_t> parse_size(std::string text) try {
    if (text == "off")
        return 0;
    const std::string wrong =
        CLI::AsSizeValue(false)(text); // replaces the text by the number of bytes
    return wrong.empty() && text[0] != '-' ? std::optional(std::stoull(text)) : std::nullopt;
} catch (const std::exception&) {
    return std::nullopt;
}

void set_max_size(Options& options, const std::string& text) {
    const auto bytes = parse_size(text);
    if (!bytes || (*bytes != 0 && (*bytes < least_max_bytes || *bytes > greatest_max_bytes)))
        throw CLI::ValidationError("--max-size",
                                   text + ": not a size of at least 64M and at most 1024P, such as "
                                          "500M or 20G, nor off");
    options.max_bytes = *bytes;
}

// Sets both kinds of rings.
void set_ring_size(Options& options, const std::string& text) {
    const auto bytes = parse_size(text);
    if (!bytes || *bytes < min_ring_bytes || *bytes > max_ring_bytes)
        throw CLI::ValidationError("--ring-size",
                                   text + ": not a size from 4096 to 1G, such as 64M");
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
    add_duration(app, "--max-age", options.max_age, milliseconds{1000},
                 "Delete what is older, such as 12h or 30d [keep while there is room]");
}

void define(CLI::App& app, Options& options) {
    app.option_defaults()->always_capture_default()->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);
    app.add_option("--db", options.db, "File to record into; its folder is made if missing")
        ->type_name("FILE");
    app.add_option("--cgroup", options.cgroup,
                   "cgroup2 directory whose sockets are recorded [the root of cgroup2]")
        ->type_name("DIR");
    add_duration(app, "--duration", options.duration, milliseconds{1},
                 "Stop after this long, such as 10s or 2h [run until told to stop]");
    add_duration(app, "--commit-interval", options.commit_interval, milliseconds{10},
                 "Time between two transactions [1s]");
    app.add_option_function<std::string>(
           "--interval", [&options](const std::string& text) { set_interval(options, text); },
           "Least time between two looks at what each open connection has moved, from 100ms to "
           "10s; it grows up to 10s where looking takes more than 1 % of one CPU; off: not at all")
        ->type_name("T")
        ->default_str("1s");
    app.add_option_function<std::string>(
           "--rtt", [&options](const std::string& text) { set_rtt(options, text); },
           "RTT samples to store: every one, one in this time for each connection, or none "
           "[every]")
        ->type_name("every|MIN-GAP|off");
    app.add_option_function<std::string>(
           "--ring-size", [&options](const std::string& text) { set_ring_size(options, text); },
           "Bytes of all rings of a kind, from 4096 to 1G [64M for events, 16M for RTT "
           "samples]")
        ->type_name("SIZE");
    define_limits(app, options);
    app.add_option(
           "--connect-errors", options.connect_errors,
           "How to see connect() calls that fail before TCP (no route, no port, forbidden): "
           "as cheaply as the kernel can; by a tracepoint, which slows every system call "
           "of the host by some 40 ns; or not at all")
        ->type_name("HOW")
        ->check(CLI::IsMember({"auto", "tracepoint", "off"}));
    auto* quiet = app.add_flag("-q,--quiet", options.quiet, "Print errors only");
    app.add_flag("-v,--verbose", options.verbose, "Print each commit, and libbpf's messages")
        ->excludes(quiet);
    app.set_version_flag("--version", "ctrack-recorder " CTRACK_VERSION);
    app.allow_config_extras(CLI::config_extras_mode::error);
    app.set_config("--config", default_config, "Read options from this file, as NAME=VALUE lines");
}

std::string interval_text(const Options& o) {
    return o.interval.count() ? fmt::format("{}ms", o.interval.count()) : "off";
}

std::string in_force(const Options& o) {
    return fmt::format(
        "db={}\ncgroup={}\nduration={}ms\ncommit-interval={}ms\ninterval={}\nrtt={}\n"
        "lifecycle-ring={}\nsample-ring={}\nmax-size={}\nmax-age={}ms\nconnect-errors={}\n",
        o.db, o.cgroup, o.duration.count(), o.commit_interval.count(), interval_text(o), o.rtt,
        o.lifecycle_ring_bytes, o.sample_ring_bytes, o.max_bytes, o.max_age.count(),
        o.connect_errors);
}

// What is said of words that are no options. CLI11 has them in any order.
std::string unexpected(const std::vector<std::string>& words) {
    const auto option = std::find_if(words.begin(), words.end(),
                                     [](const std::string& word) { return word.starts_with('-'); });
    if (option != words.end())
        return fmt::format("there is no option {}", *option);
    return fmt::format("'{}' was not expected: --db FILE says into which file to record",
                       words.at(0));
}

// Prints an error of CLI11 as one line, like all other errors.
void print_error(const std::string& text) {
    std::string line = text;
    std::replace(line.begin(), line.end(), '\n', ' ');
    std::fprintf(stderr, "ctrack-recorder: %s; see ctrack-recorder --help\n",
                 one_line(line).c_str());
}

} // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
    CLI::App app{"Records every TCP connection of this host into an SQLite file: its events, its\n"
                 "RTT samples and a summary. Runs until SIGINT or SIGTERM. Needs root.\n"
                 "ctrack-query answers questions over the file.",
                 "ctrack-recorder"};
    Options options;
    define(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ExtrasError&) {
        print_error(unexpected(app.remaining()));
        return {std::nullopt, 2};
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0)
            return {std::nullopt, app.exit(e)};
        print_error(e.what());
        return {std::nullopt, 2};
    }
    options.as_text = in_force(options);
    return {options, 0};
}

} // namespace ctrack
