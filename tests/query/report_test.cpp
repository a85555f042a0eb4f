// SPDX-License-Identifier: Apache-2.0
#include "query/report/report.h"

#include <stdexcept>

#include "query/base/usage_error.h"
#include "query/report/grouping.h"
#include "tests/catch.h"

using namespace ctrack::query;

TEST_CASE("report: the comment is the help, its first line the question") {
    const auto report = parse_report("busy", "-- busy: who is busy?\n--\n-- More.\nSELECT 1;\n");
    CHECK(report.question == "who is busy?");
    CHECK(report.help == "busy: who is busy?\n\nMore.\n");
    CHECK(report.main.sql == "SELECT 1;\n");
    CHECK_FALSE(report.footer);
}

TEST_CASE("report: columns") {
    const auto report = parse_report("busy", "-- busy: who?\n"
                                             "-- column sent: bytes as SENT; payload: all of it\n"
                                             "-- column rtt_us: duration\n"
                                             "SELECT 1;\n");
    const auto& columns = report.main.layout.columns;
    REQUIRE(columns.size() == 2);
    CHECK(columns.at("sent").unit == Unit::bytes);
    CHECK(columns.at("sent").heading == "SENT");
    CHECK(columns.at("rtt_us").unit == Unit::duration);
    CHECK(columns.at("rtt_us").heading.empty());
    CHECK_THAT(report.help, Contains("column sent: bytes as SENT; payload: all of it\n"));
}

TEST_CASE("report: a hidden column may have a unit, and a column a meaning") {
    const auto report = parse_report("busy", "-- busy: who?\n"
                                             "-- column id: hidden\n"
                                             "-- column sent: hidden bytes as SENT; payload\n"
                                             "SELECT 1;\n");
    const auto& columns = report.main.layout.columns;
    CHECK(columns.at("id").is_hidden);
    CHECK(columns.at("id").unit == Unit::plain);
    CHECK(columns.at("id").meaning.empty());
    CHECK(columns.at("sent").is_hidden);
    CHECK(columns.at("sent").unit == Unit::bytes);
    CHECK(columns.at("sent").heading == "SENT");
    CHECK(columns.at("sent").meaning == "payload");
}

TEST_CASE("report: a moment makes sense only where it says so") {
    CHECK_FALSE(parse_report("busy", "-- busy: who?\nSELECT 1;\n").is_of_moment);
    const auto report = parse_report("busy", "-- busy: who?\n-- moment\nSELECT 1;\n");
    CHECK(report.is_of_moment);
    CHECK(report.help == "busy: who?\n");
}

TEST_CASE("report: layout and bar are no help to the user") {
    const auto report =
        parse_report("busy", "-- busy: who?\n-- layout record\n-- bar n\nSELECT 1;\n");
    CHECK(report.main.layout.as_record);
    CHECK(report.main.layout.bar == "n");
    CHECK(report.help == "busy: who?\n");
}

TEST_CASE("report: comments within the statement belong to it") {
    const auto report = parse_report("busy", "-- busy: who?\nSELECT 1 -- one\n-- column x\n;\n");
    CHECK(report.main.sql == "SELECT 1 -- one\n-- column x\n;\n");
}

TEST_CASE("report: a footer is a record with columns of its own") {
    const auto report = parse_report("busy", "-- busy: who?\nSELECT 1 AS n;\n-- footer\n"
                                             "-- column total: count\nSELECT 2 AS total;\n");
    REQUIRE(report.footer);
    CHECK(report.main.sql == "SELECT 1 AS n;\n");
    CHECK(report.footer->sql == "SELECT 2 AS total;\n");
    CHECK(report.footer->layout.as_record);
    CHECK(report.footer->layout.columns.at("total").unit == Unit::count);
    CHECK(report.help == "busy: who?\n");
}

TEST_CASE("report: aliases") {
    const auto report = parse_report("busy", "-- busy: who?\n-- alias b, at-work\nSELECT 1;\n");
    CHECK(report.aliases == std::vector<std::string>{"b", "at-work"});
    CHECK(report.help == "busy: who?\nAlso called b, at-work.\n");
}

TEST_CASE("report: without a statement for --by the first choice is what holds") {
    const auto report = parse_report("busy", "-- busy: who?\n"
                                             "-- by comm: comm; each program\n"
                                             "-- by process: pid, comm; each process\n"
                                             "SELECT {by}, 1 FROM t GROUP BY {by};\n");
    CHECK(report.help == "busy: who?\n--by comm: each program\n--by process: each process\n");
    CHECK(grouped_by(report, std::nullopt).main.sql == "SELECT comm, 1 FROM t GROUP BY comm;\n");
    CHECK(grouped_by(report, "process").main.sql ==
          "SELECT pid, comm, 1 FROM t GROUP BY pid, comm;\n");
}

TEST_CASE("report: a statement for --by") {
    const auto report = parse_report("busy", "-- busy: who?\n"
                                             "-- by process: pid; each process\n"
                                             "-- column pid: hidden\n"
                                             "-- column n: count\n"
                                             "-- moment\n"
                                             "-- bar n\n"
                                             "SELECT 1 AS n;\n"
                                             "-- by\n"
                                             "SELECT {by}, 2 AS n;\n"
                                             "-- footer\n"
                                             "SELECT 3;\n");
    CHECK(grouped_by(report, std::nullopt).main.sql == "SELECT 1 AS n;\n");
    CHECK(grouped_by(report, std::nullopt).footer);
    const auto by = grouped_by(report, "process");
    CHECK(by.main.sql == "SELECT pid, 2 AS n;\n");
    CHECK(by.main.layout.columns.at("n").unit == Unit::count);
    CHECK_FALSE(by.main.layout.columns.at("pid").is_hidden);
    CHECK(by.main.layout.bar.empty());
    CHECK(by.is_of_moment);
    CHECK_FALSE(by.footer);
}

TEST_CASE("report: a word that --by does not know never reaches the statement") {
    const auto report =
        parse_report("busy", "-- busy: who?\n-- by comm: comm; each\nSELECT {by};\n");
    CHECK_THROWS_WITH(grouped_by(report, "com"),
                      Contains("did you mean comm?") && Contains("busy has comm"));
    CHECK_THROWS_AS(grouped_by(report, "1; DROP TABLE t"), UsageError);
    CHECK_THROWS_WITH(grouped_by(parse_report("idle", "-- idle: who?\nSELECT 1;\n"), "comm"),
                      Contains("idle has no --by"));
}

TEST_CASE("report: sections stand between the statement and the footer") {
    const auto report =
        parse_report("busy", "-- busy: who?\n-- argument \\d+; a number\nSELECT 1;\n"
                             "-- section\n-- column n: count\n-- bar n as LOAD\n"
                             "SELECT 2 AS n;\n-- section\nSELECT 3;\n"
                             "-- footer\nSELECT 4;\n");
    CHECK(report.argument->pattern == "\\d+");
    CHECK(report.argument->expected == "a number");
    REQUIRE(report.sections.size() == 2);
    CHECK(report.sections[0].sql == "SELECT 2 AS n;\n");
    CHECK(report.sections[0].layout.columns.at("n").unit == Unit::count);
    CHECK(report.sections[0].layout.bar_heading == "LOAD");
    CHECK(report.sections[0].layout.is_optional);
    CHECK(report.sections[1].sql == "SELECT 3;\n");
    CHECK(report.footer->sql == "SELECT 4;\n");
}

TEST_CASE("report: shared rows have the name of a table, and --by has those that it names") {
    const auto report = parse_report("busy", "-- busy: who?\n-- by comm: comm; each\n"
                                             "SELECT n FROM a;\n"
                                             "-- by\nSELECT {by} FROM a;\n"
                                             "-- shared a\nSELECT 1 AS n;\n"
                                             "-- shared b\nSELECT n + 1 AS m FROM a;\n"
                                             "-- section\nSELECT m FROM b;\n");
    CHECK(report.main.sql == "SELECT n FROM a;\n");
    REQUIRE(report.shared.size() == 2);
    CHECK(report.shared[0].table == "a");
    CHECK(report.shared[0].sql == "SELECT 1 AS n;\n");
    CHECK(report.shared[1].table == "b");
    CHECK(report.shared[1].sql == "SELECT n + 1 AS m FROM a;\n");
    CHECK(report.sections.at(0).sql == "SELECT m FROM b;\n");
    CHECK(grouped_by(report, std::nullopt).shared.size() == 2);
    const auto by = grouped_by(report, "comm");
    REQUIRE(by.shared.size() == 1);
    CHECK(by.shared[0].table == "a");
}

TEST_CASE("report: mistakes name the report") {
    CHECK_THROWS_WITH(parse_report("busy", "-- idle: who?\nSELECT 1;\n"),
                      Contains("report busy") && Contains("first line"));
    CHECK_THROWS_WITH(parse_report("busy", "-- busy: who?\n-- column x: parsecs\nSELECT 1;\n"),
                      Contains("report busy") && Contains("'parsecs'"));
    CHECK_THROWS_WITH(parse_report("busy", "-- busy: who?\n-- column x\nSELECT 1;\n"),
                      Contains("report busy") && Contains("column NAME: UNIT"));
    CHECK_THROWS_AS(parse_report("busy", "-- busy: who?\n-- layout tree\nSELECT 1;\n"),
                    std::invalid_argument);
}
