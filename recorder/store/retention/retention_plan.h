// SPDX-License-Identifier: Apache-2.0
//
// What retention decides. Pure: no SQLite, no clock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "recorder/fold/batch.h"

namespace ctrack {

/// How much the file may hold; 0: no such limit.
struct RetentionLimits {
    std::int64_t max_bytes = 0; ///< the file and its write-ahead log together
    std::int64_t max_age_us = 0;
};

/// How max_bytes is divided.
struct SizeBudget {
    std::int64_t file_bytes;
    std::int64_t log_bytes;
    std::int64_t log_free_bytes; ///< of log_bytes, free before a transaction begins
};
SizeBudget divide(std::int64_t max_bytes);

/// What has a share of the file; `rest` are connections and all that is about them.
enum class DataKind { rtt_samples, events, rest, traffic };
using KindBytes = std::array<std::int64_t, 4>;

/// The kinds, that which exceeds its share of the file most first.
std::array<DataKind, 4> most_exceeding(const KindBytes& bytes, std::int64_t file_bytes);

/// No batch takes more in the file than this.
std::int64_t most_bytes_of(const Batch& batch);

/// Of what remains of a table no row is older than this moment of this recording. (The
/// times of two recordings cannot be compared: the clock may have been set.)
struct Remainder {
    std::int64_t recording_id;
    std::int64_t time_us;

    /// Nothing of that moment or earlier is left.
    bool is_past(std::int64_t recording, std::int64_t at_us) const {
        return recording < recording_id || (recording == recording_id && at_us < time_us);
    }
    bool operator<(const Remainder& other) const { return other.is_past(recording_id, time_us); }
};

} // namespace ctrack
