// SPDX-License-Identifier: Apache-2.0
#include "query/cli/parse_options.h"

#include "query/base/usage_error.h"
#include "query/cli/option_table.h"
#include "tests/catch.h"

using namespace ctrack::query;

TEST_CASE("options: what holds without any") {
    const auto options = parse_options({"slowest"});
    CHECK(options.command == "slowest");
    CHECK(options.arguments.empty());
    CHECK(options.files == std::vector<std::string>{"/var/lib/ctrack/ctrack.db"});
    CHECK_FALSE(options.begin);
    CHECK_FALSE(options.end);
    CHECK_FALSE(options.limit);
    CHECK(options.format == Format::table);
}

TEST_CASE("options: before and after the report") {
    for (const auto& arguments :
         {std::vector<std::string>{"-r", "F", "-n", "5", "-o", "json", "-b", "-2h", "top-talkers"},
          std::vector<std::string>{"top-talkers", "-r", "F", "-n5", "-o", "json", "-b", "-2h"},
          std::vector<std::string>{"--read=F", "top-talkers", "--limit", "5", "--output=json",
                                   "--begin", "-2h"}}) {
        const auto options = parse_options(arguments);
        CHECK(options.command == "top-talkers");
        CHECK(options.files == std::vector<std::string>{"F"});
        CHECK(options.limit == 5);
        CHECK(options.format == Format::json);
        CHECK(options.begin == "-2h");
    }
}

TEST_CASE("options: the arguments of a command") {
    const auto options = parse_options({"sql", "SELECT 1", "-o", "csv"});
    CHECK(options.arguments == std::vector<std::string>{"SELECT 1"});
    CHECK(options.format == Format::csv);
}

TEST_CASE("options: help and version") {
    CHECK(parse_options({"--help"}).help);
    CHECK(parse_options({"slowest", "-h"}).help);
    CHECK(parse_options({"--version"}).version);
}

TEST_CASE("options: 0 rows are given as 0") { CHECK(parse_options({"-n", "0"}).limit == 0); }

TEST_CASE("options: what narrows is kept with its option, in any order and number") {
    const auto options =
        parse_options({"slowest", "-p", "1", "-4", "--pid=2", "-c", "x", "port", "443"});
    std::vector<std::string> given;
    for (const auto& each : options.narrowing)
        given.push_back(std::string(each.option) + " " + each.text);
    CHECK(given == std::vector<std::string>{"-p 1", "-p 2", "-c x", "-4 ipv4"});
    CHECK(options.arguments == std::vector<std::string>{"port", "443"});
}

TEST_CASE("options: a value may begin with a dash") {
    const auto options = parse_options({"slowest", "-s", "-pid", "-b", "-4h"});
    CHECK(options.sort == "-pid");
    CHECK(options.begin == "-4h");
    CHECK(options.narrowing.empty());
}

TEST_CASE("options: several files, also as the shell writes them") {
    const std::vector<std::string> both{"/dev/null", "/dev/zero"};
    CHECK(parse_options({"-r", "/dev/null", "-r", "/dev/zero", "info"}).files == both);
    CHECK(parse_options({"-r", "/dev/null", "/dev/zero", "info"}).files == both);
    CHECK(parse_options({"info", "--read=/dev/null", "/dev/zero"}).files == both);
    const auto mistyped = parse_options({"-r", "/dev/null", "inffo"});
    CHECK(mistyped.files.size() == 1);
    CHECK(mistyped.command == "inffo");
}

TEST_CASE("options: mistakes") {
    const auto* number = GENERATE("x", "-1", "1.5", "5x", "99999999999999999999");
    CHECK_THROWS_AS(parse_options({"slowest", "-n", number}), UsageError);
    CHECK_THROWS_WITH(parse_options({"-o", "xml"}), Contains("bad -o 'xml'") && Contains("ndjson"));
    CHECK_THROWS_AS(parse_options({"--bogus"}), UsageError);
    CHECK_THROWS_AS(parse_options({"slowest", "-b"}), UsageError);
}

TEST_CASE("options: the usage names every option") {
    const auto text = usage();
    for (const auto& option : option_table())
        CHECK_THAT(text, Contains(std::string(option.names)));
}
