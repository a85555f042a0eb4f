// SPDX-License-Identifier: Apache-2.0
//
// Arbitrary text as a point in time, in a zone with summer time. It is refused with a
// UsageError, or is a time that, written out, is read as the same again.
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "query/base/usage_error.h"
#include "query/render/units.h"
#include "query/time/parse_time.h"

using namespace ctrack::query;

namespace {

constexpr std::int64_t now = 1'795'270'985'000'000;
constexpr std::int64_t hour = 3'600'000'000;

void require(bool condition) {
    if (!condition)
        std::abort();
}

// Of an hour that comes twice the first is meant.
void check(std::int64_t time) {
    const bool has_four_digits = time > 0 && time < 250'000'000 * hour / 3600;
    if (!has_four_digits)
        return;
    const auto again = parse_time(humanise(time, Unit::time), now);
    require(again == time || again == time - hour);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool is_zone_set = setenv("TZ", "Europe/Berlin", 1) == 0;
    require(is_zone_set);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        check(parse_time(text, now));
    } catch (const UsageError& e) {
        require(std::string_view(e.what()).starts_with("bad time"));
    }
    return 0;
}
