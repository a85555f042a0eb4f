// SPDX-License-Identifier: Apache-2.0
#include "query/sql/schema_text.h"
#include "tests/catch.h"

using ctrack::query::describe;
using Columns = std::vector<std::pair<std::string, std::string>>;
using Texts = std::vector<std::string>;

TEST_CASE("schema text: comments behind the comma, and over lines") {
    const auto table = describe("CREATE TABLE t ( -- all\n"
                                "  -- of it\n"
                                "  a INTEGER PRIMARY KEY, -- one\n"
                                "  b TEXT NOT NULL -- two\n"
                                "                  -- and\n"
                                "    CHECK (b IN ('x', 'y',\n"
                                "                 'z')), -- more\n"
                                "  UNIQUE (a, b)\n"
                                ") STRICT");
    CHECK(table.description == "all of it");
    CHECK(table.columns == Columns{{"a", "one"}, {"b", "two and more"}});
    CHECK(table.checks == Texts{"b IN ('x', 'y', 'z')"});
}

TEST_CASE("schema text: checks") {
    CHECK(describe("CREATE TABLE t (\n  a TEXT\n)").checks.empty());
    CHECK(describe("CREATE TABLE t (\n  a TEXT -- CHECK (not this)\n"
                   "    CHECK (a IN ('x') OR (a > 1)), -- )\n  b TEXT CHECK (b > 0)\n)")
              .checks == Texts{"a IN ('x') OR (a > 1)", "b > 0"});
    CHECK(describe("CHECK (a").checks == Texts{"a"});
}

TEST_CASE("schema text: views") {
    const auto view = describe("CREATE VIEW v AS -- a line\n"
                               "SELECT t.a, -- one\n"
                               "       x + y AS b, c, -- two\n"
                               "       d\n"
                               "         AS e -- three\n"
                               "FROM t");
    CHECK(view.is_view);
    CHECK(view.description == "a line");
    CHECK(view.columns == Columns{{"a", "one"}, {"c", "two"}, {"e", "three"}});
    CHECK(describe("CREATE VIEW v AS\nSELECT 1 FROM t").description.empty());
}
