// SPDX-License-Identifier: Apache-2.0
#include "query/report.h"

#include <stdexcept>

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
                                             "-- column sent: bytes as TX; payload: all of it\n"
                                             "-- column rtt_us: duration\n"
                                             "SELECT 1;\n");
    const auto& columns = report.main.layout.columns;
    REQUIRE(columns.size() == 2);
    CHECK(columns.at("sent").unit == Unit::bytes);
    CHECK(columns.at("sent").heading == "TX");
    CHECK(columns.at("rtt_us").unit == Unit::duration);
    CHECK(columns.at("rtt_us").heading.empty());
    CHECK_THAT(report.help, Contains("column sent: bytes as TX; payload: all of it\n"));
}

TEST_CASE("report: a hidden column may have a unit, and a column a meaning") {
    const auto report = parse_report("busy", "-- busy: who?\n"
                                             "-- column id: hidden\n"
                                             "-- column sent: hidden bytes as TX; payload\n"
                                             "SELECT 1;\n");
    const auto& columns = report.main.layout.columns;
    CHECK(columns.at("id").is_hidden);
    CHECK(columns.at("id").unit == Unit::plain);
    CHECK(columns.at("id").meaning.empty());
    CHECK(columns.at("sent").is_hidden);
    CHECK(columns.at("sent").unit == Unit::bytes);
    CHECK(columns.at("sent").heading == "TX");
    CHECK(columns.at("sent").meaning == "payload");
}

TEST_CASE("report: a moment makes sense only where it says so") {
    CHECK_FALSE(parse_report("busy", "-- busy: who?\nSELECT 1;\n").main.is_of_moment);
    const auto report = parse_report("busy", "-- busy: who?\n-- moment\nSELECT 1;\n");
    CHECK(report.main.is_of_moment);
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
