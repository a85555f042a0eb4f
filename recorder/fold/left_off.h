// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "recorder/fold/interval_row.h"

namespace ctrack {

/// Where earlier recordings of the same boot left off with a connection that may go on in this one.
struct LeftOff {
    std::array<unsigned char, 16> peer_address; ///< IPv4 as ::ffff:a.b.c.d
    Counters counters;                          ///< all that they tell of it
    std::int64_t until_us;                      ///< what has moved since then they do not tell;
                                                ///< in the time of this recording
};

using LeftOffs = std::unordered_map<std::uint64_t, LeftOff>; ///< by cookie

} // namespace ctrack
