// SPDX-License-Identifier: Apache-2.0
//
// Rows of the tables that have most of them, as they are stored: the fields are their
// columns, in order. The views events and rtt_samples show what of() was told; see
// schema/schema.sql.
#pragma once

#include <cstdint>

#include "recorder/fold/tcp_state.h"

namespace ctrack {

/// Times are stored less this moment, microseconds since 1970: SQLite has integers of six
/// bytes, which reach four years to either side of it, and next of eight.
inline constexpr std::int64_t march_2030_us = 1'900'000'000'000'000;

/// Row of packed_events.
struct EventRow {
    static constexpr const char* columns = "connection_id, since_2030_us, kind_states, value";

    std::int64_t connection_id;
    std::int64_t since_2030_us;
    std::int64_t kind_states;
    std::int64_t value;

    static EventRow of(std::int64_t connection_id, std::int64_t time_us, std::int64_t kind,
                       std::int64_t old_state, std::int64_t new_state, std::int64_t value) {
        return {connection_id, time_us - march_2030_us, kind * 256 + old_state * 16 + new_state,
                value};
    }
    std::int64_t time_us() const { return since_2030_us + march_2030_us; }
    std::int64_t kind() const { return kind_states / 256; }
    std::int64_t new_state() const { return kind_states % 16; }
};

/// Row of packed_rtt_samples. Nearly all are of ESTABLISHED, so that state takes nothing;
/// and the smoothed RTT is not far from the RTT.
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
    std::int64_t time_us() const { return since_2030_us + march_2030_us; }
};

} // namespace ctrack
