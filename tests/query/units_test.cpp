// SPDX-License-Identifier: Apache-2.0
#include "query/render/units.h"

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <limits>

#include "tests/catch.h"

using namespace ctrack::query;

namespace {

std::string shown(std::int64_t number, Unit unit) { return humanise(number, unit); }
std::string shown(double number, Unit unit) { return humanise(number, unit); }

} // namespace

TEST_CASE("units: bytes") {
    CHECK(shown(std::int64_t{0}, Unit::bytes) == "0B");
    CHECK(shown(std::int64_t{1023}, Unit::bytes) == "1023B");
    CHECK(shown(std::int64_t{1024}, Unit::bytes) == "1.00KiB");
    CHECK(shown(std::int64_t{734003200}, Unit::bytes) == "700MiB");
    CHECK(shown(std::int64_t{1048575}, Unit::bytes) == "1.00MiB");
    CHECK(shown(std::numeric_limits<std::int64_t>::max(), Unit::bytes) == "8192PiB");
}

TEST_CASE("units: durations") {
    CHECK(shown(std::int64_t{0}, Unit::duration) == "0us");
    CHECK(shown(std::int64_t{999}, Unit::duration) == "999us");
    CHECK(shown(24.5, Unit::duration) == "24.5us");
    CHECK(shown(999.7, Unit::duration) == "1.00ms");
    CHECK(shown(std::int64_t{12345}, Unit::duration) == "12.3ms");
    CHECK(shown(std::int64_t{999'900}, Unit::duration) == "1.00s");
    CHECK(shown(std::int64_t{2'804'002}, Unit::duration) == "2.80s");
    CHECK(shown(std::int64_t{59'990'000}, Unit::duration) == "60.0s");
    CHECK(shown(std::int64_t{59'999'000}, Unit::duration) == "1m00s");
    CHECK(shown(std::int64_t{125'000'000}, Unit::duration) == "2m05s");
    CHECK(shown(std::int64_t{3'599'700'000}, Unit::duration) == "1h00m");
    CHECK(shown(std::int64_t{26 * 3600} * 1'000'000, Unit::duration) == "1d02h");
    CHECK(shown(std::int64_t{-1500}, Unit::duration) == "-1.50ms");
}

TEST_CASE("units: the others") {
    CHECK(shown(std::int64_t{94'100'000}, Unit::bps) == "94.1Mbit/s");
    CHECK(shown(0.00669, Unit::rate) == "0.00669/s");
    CHECK(shown(50.0, Unit::percent) == "50.0%");
    CHECK(shown(0.0, Unit::percent) == "0.0%");
    CHECK(shown(0.01, Unit::percent) == "<0.1%"); // neither nothing
    CHECK(shown(0.1, Unit::percent) == "0.1%");
    CHECK(shown(99.99, Unit::percent) == ">99.9%"); // nor all
    CHECK(shown(100.0, Unit::percent) == "100.0%");
    CHECK(shown(std::int64_t{999}, Unit::count) == "999");
    CHECK(shown(std::int64_t{1204}, Unit::count) == "1,204");
    CHECK(shown(std::int64_t{-1234567}, Unit::count) == "-1,234,567");
    CHECK(shown(-0.3, Unit::count) == "0");
    CHECK(shown(-0.7, Unit::count) == "-1");
    CHECK(shown(-0.004, Unit::bytes) == "0.00B");
    CHECK(shown(-0.3, Unit::bytes) == "-0.30B");
    CHECK(shown(std::int64_t{1204}, Unit::plain) == "1204");
}

TEST_CASE("units: times are local, to the microsecond") {
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    CHECK(shown(std::int64_t{1'795'267'385'000'123}, Unit::time) == "2026-11-21 14:23:05.000123");
    CHECK(shown(std::int64_t{-1}, Unit::time) == "1970-01-01 00:59:59.999999");
}

TEST_CASE("units: NULL is a dash and text is left alone, whatever the unit") {
    for (const auto unit : {Unit::plain, Unit::bytes, Unit::time, Unit::text}) {
        CHECK(humanise({}, unit) == "-");
        CHECK(humanise(std::string("x y"), unit) == "x y");
    }
}

TEST_CASE("units: numbers as text read back as the same number") {
    CHECK(number_text(1.0) == "1.0");
    CHECK(number_text(0.1) == "0.1");
    CHECK(number_text(58656.81818181818) == "58656.81818181818");
    CHECK(number_text(std::numeric_limits<double>::infinity()) == "inf");
}

TEST_CASE("units: by name") {
    CHECK(unit_named("bytes") == Unit::bytes);
    CHECK_FALSE(unit_named("byte"));
}
