// SPDX-License-Identifier: Apache-2.0
#include "query/sql/schema_text.h"
#include "tests/catch.h"

using ctrack::query::describe;
using Columns = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("schema text: comments before and behind the comma, and over lines") {
    const auto table = describe("CREATE TABLE t ( -- all of it\n"
                                "  a INTEGER PRIMARY KEY, -- one\n"
                                "  b TEXT NOT NULL -- two\n"
                                "    CHECK (b IN ('x, -- y', -- and\n"
                                "                 'z')), -- more\n"
                                "  UNIQUE (a, b)\n"
                                ") STRICT");
    CHECK(table.description == "all of it");
    CHECK(table.columns == Columns{{"a", "one"}, {"b", "two and more"}});
}

TEST_CASE("schema text: a column that was added") {
    const auto table = describe("CREATE TABLE t (a TEXT -- one\n, b TEXT /* two\n  lines */)");
    CHECK(table.columns == Columns{{"a", "one"}, {"b", "two lines"}});
    CHECK(describe("CREATE TABLE t (\n a TEXT, b TEXT /* two */, -- one\n UNIQUE (a))").columns ==
          Columns{{"a", "one"}, {"b", "two"}});
}

TEST_CASE("schema text: what is cut off is no harm") {
    CHECK(describe("CREATE TABLE t (a TEXT /* one").columns == Columns{{"a", "one"}});
    CHECK(describe("CREATE TABLE t (a TEXT DEFAULT 'x").columns == Columns{{"a", ""}});
    CHECK(describe("").columns.empty());
}

TEST_CASE("schema text: views") {
    CHECK(describe("CREATE VIEW v AS -- a line\nSELECT 1 -- no").description == "a line");
    CHECK(describe("CREATE VIEW v AS\nSELECT 1 -- no").description.empty());
}
