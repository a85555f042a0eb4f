// SPDX-License-Identifier: Apache-2.0
//
// The command line and the config file of the recorder.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "recorder/options.h"
#include "recorder/options_text.h"
#include "tests/catch.h"
#include "tests/unit/temporary_folder.h"

using namespace ctrack;
using namespace std::chrono_literals;
using ctrack::test::TemporaryFolder;

namespace {

template <class... Words> ParsedOptions parse(Words... words) {
    const char* argv[] = {"ctrack-recorder", words...};
    return parse_options(static_cast<int>(std::size(argv)), argv);
}

// The options that a config file with this content gives, before those of the command line.
template <class... Words> ParsedOptions with_file(const std::string& content, Words... words) {
    const TemporaryFolder folder;
    const std::string path = folder / "c";
    std::ofstream(path, std::ios::binary) << content;
    return parse("--config", path.c_str(), words...);
}

std::string installed_file() {
    std::ifstream file(SCHEMA_FOLDER "/../packaging/ctrack-recorder.conf");
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

// One for each option, and not its default.
const std::vector<std::string> other_values{
    "db=/x",       "cgroup=/x",    "max-size=1G",        "max-age=1h",         "rtt=off",
    "interval=2s", "quiet=true",   "commit-interval=2s", "connect-errors=off", "namespaces=always",
    "duration=1h", "verbose=true", "ring-size=1M"};

} // namespace

TEST_CASE("options: defaults and values") {
    const auto none = parse();
    REQUIRE(none.options);
    CHECK(none.options->db == "/var/lib/ctrack/ctrack.db");
    CHECK(none.options->commit_interval == 1s);
    CHECK(none.options->duration == 0s);
    CHECK(none.options->rtt_enabled);
    CHECK(none.options->lifecycle_ring_bytes == 64 << 20);
    CHECK(none.options->sample_ring_bytes == 16 << 20);
    CHECK(none.options->max_bytes == 2LL << 30);
    CHECK(none.options->max_age == 0s);

    const auto some = parse("--db", "x.db", "--duration", "1.5m", "--commit-interval=250ms",
                            "--rtt", "10ms", "--ring-size", "1M");
    REQUIRE(some.options);
    CHECK(some.options->duration == 90s);
    CHECK(some.options->commit_interval == 250ms);
    CHECK(some.options->rtt_min_gap == 10ms);
    CHECK(some.options->lifecycle_ring_bytes == 1 << 20);
    CHECK(some.options->sample_ring_bytes == 1 << 20);
    CHECK_FALSE(parse("--rtt", "off").options->rtt_enabled);
    CHECK(parse("--max-size", "64M").options->max_bytes == 64 << 20);
    CHECK(parse("--max-size", "3G").options->max_bytes == 3LL << 30);
    CHECK(parse("--max-size", "1024P").options->max_bytes == 1LL << 60);
    CHECK(parse("--max-size", "0").options->max_bytes == 0);
    CHECK(parse("--max-size", "off").options->max_bytes == 0);
    CHECK(parse("--max-age", "2d").options->max_age == 48h);
}

TEST_CASE("options: bad ones end with 2, help and version with 0") {
    for (const auto& parsed :
         {parse("--nonsense"), parse("--duration", "soon"), parse("--duration", "-1s"),
          parse("--duration", "10"), parse("--rtt", "sometimes"), parse("--ring-size", "1"),
          parse("--ring-size", "2G"), parse("--ring-size", "off"), parse("--ring-size", "many"),
          parse("--commit-interval", "1ms"), parse("-q", "-v"), parse("--max-size", "63M"),
          parse("--max-size", "big"), parse("--max-size", "-1"), parse("--max-size", "1025P"),
          parse("--max-age", "old"), parse("extra")}) {
        CHECK_FALSE(parsed.options);
        CHECK(parsed.exit_code == 2);
    }
    CHECK(parse("--version").exit_code == 0);
    CHECK_FALSE(parse("--version").options);
}

TEST_CASE("options: a word that is near, and values that are empty") {
    CHECK_THAT(parse("--max-sze=1G").error, Contains("did you mean --max-size?"));
    CHECK_THAT(parse("--db=", "--quiet").error, Contains("--db: it is empty"));
    CHECK_THAT(parse("--cgroup", "").error, Contains("--cgroup: it is empty"));
}

TEST_CASE("options: sizes are decimal, whatever they begin with") {
    CHECK(parse("--ring-size", "010000").options->sample_ring_bytes == 10000);
    CHECK(parse("--ring-size", "1.5M").options->sample_ring_bytes == 3 << 19);
    CHECK(parse("--ring-size", "64kib").options->sample_ring_bytes == 64 << 10);
    CHECK(parse("--ring-size", "auto").options->sample_ring_bytes == 16 << 20);
    for (const char* odd : {"0x10000", "0b1111111111111", "1_000_000", "1'000'000", "1 M", "1e6"})
        CHECK(parse("--ring-size", odd).exit_code == 2);
}

TEST_CASE("config file: the command line wins") {
    const auto parsed = with_file("# comment\n  duration = 3s \r\nrtt=off\n\ndb=/tmp/a #b.db",
                                  "--duration", "4s", "--db", "x.db");
    CHECK_THAT(parsed.error, Contains(":5: db: a comment needs a line of its own"));
    const auto right = with_file("# comment\n  duration = 3s \r\nrtt=off\n\ndb=/tmp/a#b c,d.db",
                                 "--duration", "4s");
    REQUIRE(right.options);
    CHECK(right.options->duration == 4s);
    CHECK(right.options->db == "/tmp/a#b c,d.db");
    CHECK_FALSE(right.options->rtt_enabled);
    CHECK(with_file("quiet=true", "-v").options->verbose);
    CHECK_FALSE(with_file("quiet=true", "-v").options->quiet);
    CHECK(with_file("duration=2h", "--duration", "off").options->duration == 0s);
}

TEST_CASE("config file: what is wrong is said with its line") {
    const auto [content, said] = GENERATE(table<std::string, std::string>({
        {"\nmax-sze=1G", ":2: there is no option max-sze: did you mean max-size?"},
        {"MAX-SIZE=1G", ":1: there is no option MAX-SIZE: did you mean max-size?"},
        {"--quiet=true", ":1: there is no option --quiet"},
        {"v=true", ":1: there is no option v"},
        {"config=/x", ":1: there is no option config"},
        {"help=true", ":1: there is no option help"},
        {"\xef\xbb\xbfmax-size=1G", "did you mean max-size?"},
        {"rtt=off\nrtt=off", ":2: rtt is given twice, and was in line 1 already"},
        {"rtt=off\nquiet=true\nrtt=off", ":3: rtt is given twice, and was in line 1 already"},
        {"max-size=", ":1: max-size: has no value"},
        {"=1G", ":1: '=1G' is no NAME=VALUE"},
        {"db: /a", ":1: 'db: /a' is no NAME=VALUE"},
        {"quiet", ":1: 'quiet' is no NAME=VALUE"},
        {"; comment", ":1: '; comment' is no NAME=VALUE"},
        {"// a=b", ":1: there is no option // a"},
        {"[recorder]\nrtt=off", ":1: there are no sections"},
        {"max-size=4X", ":1: max-size: 4X: not a size"},
        {"max-size=0x4000000", ":1: max-size: 0x4000000: not a size"},
        {"max-size=1G 2G", ":1: max-size: 1G 2G: not a size"},
        {"max-size=1G,2G", ":1: max-size: 1G,2G: not a size"},
        {"max-size=1G # big", ":1: max-size: a comment needs a line of its own"},
        {"max-size=\"1G\"", ":1: max-size: the value is everything after the ="},
        {"db=`/a`", ":1: db: the value is everything after the ="},
        {"db=[/a,/b]", ":1: db: [/a,/b]: not a path that begins with /"},
        {"db=a.db", ":1: db: a.db: not a path that begins with /"},
        {"cgroup=user.slice", ":1: cgroup: user.slice: not a path that begins with /"},
        {"db=/a\tb", ":1: db: the value holds a character that cannot be seen"},
        {"quiet=yes", ":1: quiet: yes: not true or false"},
        {"quiet=1", ":1: quiet: 1: not true or false"},
        {"connect-errors=on", ":1: connect-errors: on not in"},
        {"interval=010", ":1: interval: 010: not off"},
        {"quiet=true\nverbose=true", ":2: quiet and verbose exclude each other"},
        {std::string("db=/a\0b", 7), "cannot be seen"},
        {std::string(70000, '#'), "larger than 64 KiB"},
    }));
    const auto parsed = with_file(content);
    CHECK(parsed.exit_code == 2);
    CHECK_FALSE(parsed.options);
    CHECK_THAT(parsed.error, Contains(said));
}

TEST_CASE("config file: one that is no file, is missing or is written by others") {
    CHECK_THAT(parse("--config", "/no/such").error, Contains("cannot read /no/such: No such file"));
    CHECK_THAT(parse("--config", "/tmp").error, Contains("no regular file"));
    CHECK_THAT(parse("--config", "/dev/zero").error, Contains("no regular file"));
    CHECK(parse("--config", "/dev/null").options);
    const TemporaryFolder folder;
    const std::string path = folder / "c";
    std::ofstream(path) << "rtt=off\n";
    chmod(path.c_str(), 0646);
    CHECK_THAT(parse("--config", path.c_str()).error, Contains("everybody can write to it"));
    chmod(path.c_str(), 0664);
    if (chown(path.c_str(), 0, 0) == 0)
        CHECK(parse("--config", path.c_str()).options);
    if (chown(path.c_str(), static_cast<uid_t>(-1), 1) == 0)
        CHECK_THAT(parse("--config", path.c_str()).error, Contains("group 1 can write to it"));
}

TEST_CASE("reload: what can change does, and what cannot is told") {
    Options before;
    before.max_bytes = 1 << 30;
    Options read = before;
    CHECK(reload(before, read).changed.empty());
    read.max_bytes = 0;
    read.max_age = 1h;
    read.commit_interval = 5s;
    read.interval = 2s;
    read.quiet = true;
    read.rtt = "off";
    read.rtt_enabled = false;
    read.db = "/other.db";
    const Reloaded after = reload(before, read);
    CHECK(after.changed == std::vector<std::string>{"commit-interval=5000ms", "interval=2000ms",
                                                    "max-size=off", "max-age=3600000ms",
                                                    "quiet=true"});
    CHECK(after.before == std::vector<std::string>{"commit-interval=1000ms", "interval=1000ms",
                                                   "max-size=1G", "max-age=off", "quiet=false"});
    CHECK(after.waiting == std::vector<std::string>{"db=/other.db", "rtt=off"});
    Options expected = read;
    expected.rtt = before.rtt;
    expected.db = before.db;
    CHECK(text_of(after.options) == text_of(expected));
    CHECK(after.options.rtt_enabled);
}

TEST_CASE("reload: a recording has intervals or has none") {
    Options with, without;
    without.interval = 0ms;
    CHECK(reload(with, without).waiting == std::vector<std::string>{"interval=off"});
    CHECK(reload(without, with).waiting == std::vector<std::string>{"interval=1000ms"});
    CHECK(reload(with, without).options.interval == 1s);
}

TEST_CASE("options as text say sizes exactly") {
    Options options;
    options.max_bytes = (64 << 20) + 1;
    options.sample_ring_bytes = 4096;
    CHECK_THAT(text_of(options), Contains("max-size=67108865\n") && Contains("sample-ring=4K\n"));
}

TEST_CASE("config file: the one that is installed says what needs a restart") {
    std::istringstream file(installed_file());
    std::string comment;
    int settings = 0;
    for (std::string line; std::getline(file, line);) {
        const auto name = line.substr(0, line.find('='));
        const auto other = std::ranges::find_if(other_values, [&](const std::string& setting) {
            return setting.starts_with(name.substr(std::min<std::size_t>(name.size(), 1)) + "=");
        });
        if (line.starts_with("# ") || other == other_values.end()) {
            comment = line.empty() ? "" : comment + line;
            continue;
        }
        const Reloaded after = reload(Options{}, *with_file(*other).options);
        INFO(*other);
        CHECK(after.waiting.empty() == (comment.find("Needs a restart.") == std::string::npos));
        CHECK(after.waiting.size() + after.changed.size() > 0);
        ++settings;
    }
    CHECK(settings == std::ssize(other_values));
}

TEST_CASE("config file: the one that is installed holds the defaults") {
    const auto all = std::regex_replace(installed_file(), std::regex("(^|\n)#([a-z])"), "$1$2");
    CHECK(std::ranges::count(all, '=') > std::ranges::count(text_of(Options{}), '='));
    const auto parsed = with_file(all);
    CHECK(parsed.error == "");
    REQUIRE(parsed.options);
    CHECK(text_of(*parsed.options) == text_of(Options{}));
    CHECK_FALSE(parsed.options->quiet);
}
