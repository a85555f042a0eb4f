// SPDX-License-Identifier: Apache-2.0
#include "query/cli/option_table.h"

#include <array>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "query/base/usage_error.h"
#include "query/filter/numbers.h"
#include "query/report/useless_options.h"

namespace ctrack::query {

namespace {

constexpr std::array<std::pair<std::string_view, Format>, 6> formats{{
    {"table", Format::table},
    {"json", Format::json},
    {"ndjson", Format::ndjson},
    {"csv", Format::csv},
    {"tsv", Format::tsv},
    {"openmetrics", Format::openmetrics},
}};

constexpr std::array<std::pair<std::string_view, Color>, 3> colors{{
    {"auto", Color::automatic},
    {"always", Color::always},
    {"never", Color::never},
}};

constexpr std::array<std::pair<std::string_view, Times>, 2> times{{
    {"iso", Times::iso},
    {"epoch_us", Times::epoch_us},
}};

constexpr std::array<std::pair<std::string_view, bool>, 2> levels{{
    {"strict", false},
    {"names", true},
}};

template <typename Choice, std::size_t count>
std::vector<std::string_view>
names_of(const std::array<std::pair<std::string_view, Choice>, count>& choices) {
    std::vector<std::string_view> names;
    for (const auto& choice : choices)
        names.push_back(choice.first);
    return names;
}

template <typename Choice, std::size_t count>
Choice choice_of(const std::array<std::pair<std::string_view, Choice>, count>& choices,
                 std::string_view option, const std::string& name) {
    for (const auto& [known, choice] : choices)
        if (known == name)
            return choice;
    throw UsageError(
        fmt::format("bad {} '{}': expected {}", option, name, fmt::join(names_of(choices), ", ")));
}

void read_limit(Options& options, const std::string& text) {
    options.limit = filter::parse_integer(text);
    if (options.limit.value_or(-1) < 0)
        throw UsageError(fmt::format("bad -n '{}': expected how many rows, 0 for all", text));
}

// Reads -o, which is the file for a command that writes one, and a format for all others.
void read_output(Options& options, const std::string& text) {
    if (options.command == "snapshot" || options.command == "merge")
        options.out_file = text;
    else if (text.find_first_of("./") != std::string::npos)
        throw UsageError(fmt::format("bad -o '{0}': {1} writes to stdout: > {0}; -o names a format",
                                     text, options.command));
    else
        options.format = choice_of(formats, "-o", text);
}

void read_color(Options& options, const std::string& text) {
    options.color = choice_of(colors, "--color", text);
}

void read_times(Options& options, const std::string& text) {
    options.times = choice_of(times, "--times", text);
}

void read_level(Options& options, const std::string& text) {
    options.keeps_known_names = choice_of(levels, "--anonymize-level", text);
}

using Field = filter::Narrowing;

constexpr auto readers = "reports snapshot diff export schema verify";
constexpr auto of_windows = "reports snapshot export";
constexpr auto with_filter = "reports snapshot diff export";
constexpr auto in_tables = "reports list diff schema verify";

constexpr std::array all_options{
    // clang-format off
    Option{"-r,--read", "FILE", "the file to read, or several [/var/lib/ctrack/ctrack.db]", readers, &Options::files},
    Option{"-b,--begin,--since", "TIME", "the window begins at this time", of_windows, &Options::begin, refuse::begin},
    Option{"-e,--end,--until", "TIME", "the window ends just before this time", of_windows, &Options::end, refuse::end},
    Option{"--last", "LENGTH", "the window is as long as 10m or 2h30m, up to -e or the recording's end", of_windows, &Options::last, refuse::last},
    Option{"--at", "TIME", "only what was there at this moment", "reports export", &Options::at, refuse::at},
    Option{"--by", "WORD", "groups rows by WORD; 'help REPORT' lists the words", "reports", &Options::by}, // grouped_by refuses it
    Option{"--interval", "LENGTH", "rate: how long an interval is: 10s, 1m, 1h", "reports", &Options::interval, refuse::interval},
    Option{"-F,--follow", "", "events: shows new ones as they come", "reports", &Options::follow, refuse::follow},
    Option{"-p,--pid", "PID", "owned by this process", with_filter, Field{"pid", ""}},
    Option{"-c,--comm", "NAME", "owned by a program of this name: nginx,curl or ng*", with_filter, Field{"comm", ""}},
    Option{"-L,--local-port", "PORTS", "local port: 443, 80,https or 8000-8999", with_filter, Field{"local port", ""}},
    Option{"-D,--peer-port", "PORTS", "port of the other end", with_filter, Field{"peer port", ""}},
    Option{"-P,--port", "PORTS", "port of either end", with_filter, Field{"port", ""}},
    Option{"-4,--ipv4", "", "IPv4 alone", with_filter, Field{"family", "ipv4"}},
    Option{"-6,--ipv6", "", "IPv6 alone", with_filter, Field{"family", "ipv6"}},
    Option{"--local", "ADDRESS", "address of this host, or network: 10.0.0.0/8", with_filter, Field{"local", ""}},
    Option{"--peer", "ADDRESS", "address of the other end, network, or name in /etc/hosts", with_filter, Field{"peer", ""}},
    Option{"--container", "ID", "in the container whose id begins so", with_filter, Field{"container", ""}},
    Option{"--unit", "UNIT", "in this systemd unit", with_filter, Field{"unit", ""}},
    Option{"--outcome", "OUTCOME", "open, closed, failed, refused, timeout, ...", with_filter, Field{"outcome", ""}},
    Option{"-n,--limit", "N", "at most so many rows, 0 for all [a table 20, others all]", "reports diff", read_limit, refuse::limit},
    Option{"-s,--sort", "COLUMN", "by this column, the greatest first; -COLUMN: the other way", "reports", &Options::sort, refuse::sort},
    Option{"-f,--columns", "COLUMNS", "these columns alone, as pid,comm,rtt_avg_us", "reports", &Options::columns},
    Option{"-w,--wide", "", "hidden columns too", "reports", &Options::wide, refuse::wide},
    Option{"--utc", "", "times shown and given are UTC, not local", "reports snapshot diff export verify", &Options::utc, refuse::utc},
    Option{"-o,--output", "FORMAT", "table, json, ndjson, csv, tsv, openmetrics [table]; snapshot, merge: the file", "reports list snapshot merge diff schema verify", read_output},
    Option{"--times", "FORM", "times in csv, tsv, json: iso or epoch_us [iso, in json epoch_us]", "reports", read_times, refuse::times},
    Option{"--no-pager", "", "what is longer than the screen goes into no pager", "reports list diff export schema verify", &Options::no_pager},
    Option{"--color", "WHEN", "auto, always or never [auto]", in_tables, read_color, refuse::color},
    Option{"--force", "", "snapshot, merge: write over a file that is there", "snapshot merge", &Options::force},
    Option{"--plain", "", "snapshot: a file also for programs with an SQLite before 3.37", "snapshot", &Options::plain},
    Option{"--anonymize", "KEYFILE", "snapshot: other addresses and names, made with this key", "snapshot", &Options::key_file},
    Option{"--anonymize-level", "LEVEL", "snapshot: strict: no name stays; names: those of known programs do [strict]", "snapshot", read_level},
    Option{"--before", "FROM..TO", "diff: the earlier window", "diff", &Options::before},
    Option{"--after", "FROM..TO", "diff: the later window", "diff", &Options::after},
    Option{"--zeek", "", "export: as Zeek's conn.log", "export", &Options::zeek},
    Option{"--ndjson", "", "export: with the names of OpenTelemetry", "export", &Options::ndjson},
    Option{"--datasette", "", "schema: as metadata of Datasette", "schema", &Options::datasette},
    Option{"--param", "NAME=VALUE", "sql: the value of :NAME", "sql", &Options::parameters, refuse::parameters},
    Option{"-h,--help", "", "this text, or that of the report", "", &Options::help},
    Option{"-V,--version", "", "the program's version", "", &Options::version},
    // clang-format on
};

} // namespace

std::span<const Option> option_table() { return all_options; }

bool is_taken_by(const Option& option, std::string_view command) {
    return fmt::format(" {} ", option.takers).find(fmt::format(" {} ", command)) !=
           std::string::npos;
}

std::vector<std::string_view> value_words(const Option& option) {
    if (option.value_name.empty())
        return {};
    if (const auto* narrowing = std::get_if<filter::Narrowing>(&option.target)) {
        const auto words = filter::words_of(filter::field(narrowing->field).type);
        return {words.begin(), words.end()};
    }
    const auto* reader = std::get_if<void (*)(Options&, const std::string&)>(&option.target);
    if (reader == nullptr)
        return {};
    return *reader == read_output  ? names_of(formats)
           : *reader == read_color ? names_of(colors)
           : *reader == read_times ? names_of(times)
           : *reader == read_level ? names_of(levels)
                                   : std::vector<std::string_view>();
}

} // namespace ctrack::query
