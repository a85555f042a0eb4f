// SPDX-License-Identifier: Apache-2.0
#include "query/checks/constraints.h"
#include "tests/catch.h"

using ctrack::query::check_expressions;
using Texts = std::vector<std::string>;

TEST_CASE("verify: the CHECK expressions of a statement") {
    CHECK(check_expressions("CREATE TABLE t (a TEXT)").empty());
    CHECK(check_expressions("CREATE TABLE t (a TEXT CHECK (a IN ('x)', 'y')), b CHECK (b > 0))") ==
          Texts{"a IN ('x)', 'y')", "b > 0"});
    CHECK(check_expressions("a TEXT -- CHECK (not this)\n CHECK (a IN -- (\n ('x'))") ==
          Texts{"a IN -- (\n ('x')"});
    CHECK(check_expressions("a TEXT /* ) CHECK (x) */ DEFAULT 'CHECK (y)'").empty());
}

TEST_CASE("verify: what is not closed ends with the text") {
    CHECK(check_expressions("CHECK (a") == Texts{"a"});
    CHECK(check_expressions("CHECK ('a") == Texts{"'a"});
    CHECK(check_expressions("CHECK (/*") == Texts{"/*"});
    CHECK(check_expressions("-- CHECK (a").empty());
}
