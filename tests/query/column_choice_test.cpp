// SPDX-License-Identifier: Apache-2.0
#include "query/report/column_choice.h"

#include "query/base/usage_error.h"
#include "tests/catch.h"

using namespace ctrack::query;

namespace {

Layout layout() {
    Layout made;
    made.columns["comm"] = {Unit::text, "", false, ""};
    made.columns["bytes_sent"] = {Unit::bytes, "SENT", false, ""};
    made.columns["id"] = {Unit::plain, "", true, ""};
    return made;
}

const Layout laid_out = layout();
const std::vector<std::string> names{"comm", "bytes_sent", "rtt_us", "id"};
const Columns columns{names, laid_out};

// From ORDER BY on.
std::string order(const char* text) {
    const auto sql = sorted_sql("SELECT 1;\n", columns, text, 20);
    return sql.substr(sql.find("ORDER BY"));
}

struct Recorder : Renderer {
    std::vector<std::string> names;
    Layout shown;
    std::vector<Row> rows;

    void begin(const std::vector<std::string>& columns, const Layout& layout) override {
        names = columns;
        shown = layout;
    }
    void row(const Row& row) override { rows.push_back(row); }
    void end() override {}
};

} // namespace

TEST_CASE("columns: columns by name, heading, and without _us") {
    CHECK(column_at(columns, "bytes_sent") == 1);
    CHECK(column_at(columns, "sent") == 1);
    CHECK(column_at(columns, "COMM") == 0);
    CHECK(column_at(columns, "rtt") == 2);
    CHECK_THROWS_WITH(column_at(columns, "com"), Contains("did you mean comm?"));
    CHECK_THROWS_WITH(column_at(columns, ""), Contains("there are comm, bytes_sent, rtt_us, id"));
    CHECK_THROWS_AS(column_at(columns, "x; DROP TABLE y"), UsageError);
}

TEST_CASE("columns: the order names the column by its place") {
    CHECK(order("bytes_sent") == "ORDER BY 2 DESC NULLS LAST LIMIT 20");
    CHECK(order("-bytes_sent") == "ORDER BY 2 ASC NULLS LAST LIMIT 20");
    CHECK(order("rtt:asc") == "ORDER BY 3 ASC NULLS LAST LIMIT 20");
    CHECK(order("comm") == "ORDER BY 1 ASC NULLS LAST LIMIT 20");
    CHECK(order("-comm") == "ORDER BY 1 DESC NULLS LAST LIMIT 20");
    CHECK(order("comm:desc") == "ORDER BY 1 DESC NULLS LAST LIMIT 20");
    CHECK_THROWS_AS(order("-"), UsageError);
}

TEST_CASE("columns: a statement is sorted without its end") {
    CHECK(sorted_sql("SELECT 1 -- one\n ; \n", columns, "id", -1) ==
          "SELECT * FROM (\nSELECT 1 -- one\n) ORDER BY 4 DESC NULLS LAST LIMIT -1");
}

TEST_CASE("columns: chosen columns, in the order asked for, hidden or not") {
    Recorder inner;
    const auto chooser = choose_columns(columns, "id,comm", inner);
    chooser->begin(columns.names, laid_out);
    chooser->row({"curl", std::int64_t{1}, std::int64_t{2}, std::int64_t{3}});
    CHECK(inner.names == std::vector<std::string>{"id", "comm"});
    CHECK_FALSE(inner.shown.columns.at("id").is_hidden);
    REQUIRE(inner.rows.size() == 1);
    CHECK(inner.rows[0] == Row{std::int64_t{3}, "curl"});
}

TEST_CASE("columns: the column of hosts is shown where there are several") {
    const auto report = parse_report("talk", "-- talk: who?\n-- column hostname: host\n"
                                             "-- column id: hidden\nSELECT hostname, id FROM t;\n");
    const auto& host = report.main.layout.columns.at("hostname");
    CHECK(host.is_hidden);
    CHECK(host.heading == "HOST");
    const auto shown = with_hosts(report.main.layout).columns;
    CHECK_FALSE(shown.at("hostname").is_hidden);
    CHECK(shown.at("id").is_hidden);
}
