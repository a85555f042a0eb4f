// SPDX-License-Identifier: Apache-2.0
#include "query/render/fit.h"

#include <clocale>

#include "query/render/record.h"
#include "tests/catch.h"

using namespace ctrack::query;

namespace {

using Texts = std::vector<std::string>;

// A locale in which an ellipsis is one character.
struct Utf8 {
    Utf8() { std::setlocale(LC_CTYPE, "C.UTF-8"); }
    ~Utf8() { std::setlocale(LC_CTYPE, "C"); }
    Utf8(const Utf8&) = delete;
    Utf8& operator=(const Utf8&) = delete;
};

GridColumn column(const char* name, Unit unit, Texts cells) {
    const auto rows = cells.size();
    return {name, name, unit, false, std::move(cells), std::vector<const char*>(rows)};
}

// What the table is after it was made to fit.
Grid fitted(Grid grid, std::size_t width, bool may_hide, const Texts& least_useful) {
    apply(fit_for(grid, width, may_hide, least_useful), width, grid);
    return grid;
}

} // namespace

TEST_CASE("fit: a text loses its middle, and never half a character") {
    const Utf8 locale;
    CHECK(cut_to("abcdefghij", 10) == "abcdefghij");
    CHECK(cut_to("abcdefghij", 9) == "abcd…ghij");
    CHECK(cut_to("abcdefghij", 2) == "a…");
    CHECK(cut_to("日本語文字", 6) == "日…字");
    CHECK(width_of("日本語文字") == 10);
}

TEST_CASE("fit: a long text is broken between words") {
    CHECK(broken_at("one two three", 20) == Texts{"one two three"});
    CHECK(broken_at("one two three", 8) == Texts{"one two", "three"});
    CHECK(broken_at("one two three", 7) == Texts{"one two", "three"});
    CHECK(broken_at("abcdefgh ij", 3) == Texts{"abc", "def", "gh", "ij"});
    CHECK(broken_at("", 3) == Texts{""});
}

TEST_CASE("fit: a date that all times share goes into the heading that stays longest") {
    const Grid grid{column("a", Unit::time, {"2026-11-21 14:00:00.000123", "-"}),
                    column("b", Unit::time, {"2026-11-21 14:00:01.000456", "-"})};
    const auto narrow = fitted(grid, 40, false, {"a"});
    CHECK(narrow[0].cells == Texts{"14:00:00.000123", "-"});
    CHECK(narrow[1].shown_heading() == "b 2026-11-21");
    CHECK(fitted(grid, 30, false, {"a"})[1].cells[0] == "14:00:01.000");
    CHECK(fitted(grid, 54, false, {"a"})[0].cells == grid[0].cells);
}

TEST_CASE("fit: times of several days keep their dates") {
    const Grid grid{
        column("a", Unit::time, {"2026-11-21 14:00:00.000123", "2026-11-22 14:00:00.000123"})};
    CHECK(fitted(grid, 20, false, {})[0].cells[0] == "2026-11-21 14:00:00.000");
}

TEST_CASE("fit: columns go in the order of the list, and then from the right") {
    const Grid grid{column("a", Unit::count, {"1000"}), column("b", Unit::count, {"1000"}),
                    column("c", Unit::count, {"1000"}), column("d", Unit::count, {"1000"})};
    const auto names = [&](std::size_t width) {
        std::string all;
        for (const auto& left : fitted(grid, width, true, {"b"}))
            all += left.name;
        return all;
    };
    CHECK(names(22) == "abcd");
    CHECK(names(21) == "acd");
    CHECK(names(15) == "ac");
    CHECK(names(1) == "a");
    CHECK(fitted(grid, 1, false, {"b"}).size() == 4);
}

TEST_CASE("fit: what has room beside the others stays") {
    const Grid grid{column("a", Unit::count, {"1000"}), column("b", Unit::count, {"1"}),
                    column("c", Unit::count, {"10000000"})};
    const auto left = fitted(grid, 8, true, {"b", "c"});
    REQUIRE(left.size() == 2);
    CHECK(left[1].name == "b");
}

TEST_CASE("fit: a record's text goes on below itself") {
    const Grid grid{column("why", Unit::text, {"no answer came"}),
                    column("pid", Unit::plain, {"7"})};
    const auto records = as_records(grid, 15);
    REQUIRE(records.size() == 1);
    CHECK(records[0][0].cells == Texts{"why", "", "pid"});
    CHECK(records[0][1].cells == Texts{"no answer", "came", "7"});
}
