// SPDX-License-Identifier: Apache-2.0
//
// An RTT sample as it is stored: its fields are the columns of packed_rtt_samples, in order. The
// view rtt_samples in schema/schema.sql reverses of().
#pragma once

#include <cstdint>

#include "recorder/fold/tcp_state.h"

namespace ctrack {

/// Times are stored less this moment, microseconds since 1970: SQLite stores numbers of up to
/// four years in six bytes, and larger ones in eight. The view has the same number.
inline constexpr std::int64_t march_2030_us = 1'900'000'000'000'000;

/// Nearly all samples are taken in ESTABLISHED, so that state takes no bytes; and the smoothed
/// RTT is stored as its difference to the RTT, which is a small number.
struct RttRow {
    static constexpr const char* columns =
        "connection_id, since_2030_us, rtt_state, srtt_less_rtt_us";

    std::int64_t connection_id;
    std::int64_t since_2030_us;
    std::int64_t rtt_state;
    std::int64_t srtt_less_rtt_us;

    static RttRow of(std::int64_t connection_id, std::int64_t time_us, std::int64_t rtt_us,
                     std::int64_t srtt_us, std::int64_t state) {
        return {connection_id, time_us - march_2030_us,
                state == TCP_STATE_ESTABLISHED ? rtt_us : -(rtt_us * 16 + state), srtt_us - rtt_us};
    }
    std::uint32_t rtt_us() const {
        return static_cast<std::uint32_t>(rtt_state >= 0 ? rtt_state : -rtt_state >> 4);
    }
    std::int64_t time_us() const { return since_2030_us + march_2030_us; }
};

} // namespace ctrack
