// SPDX-License-Identifier: Apache-2.0
//
// What retention decides. This file knows no SQLite and no clock.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "recorder/fold/batch.h"

namespace ctrack {

/// How much the file may hold; 0 stands for no limit.
struct RetentionLimits {
    std::int64_t max_bytes = 0; ///< the file and its write-ahead log together
    std::int64_t max_age_us = 0;
};

/// How max_bytes is divided between the file and its write-ahead log.
struct SizeBudget {
    std::int64_t file_bytes;
    std::int64_t log_bytes;
    std::int64_t log_free_bytes; ///< how much of log_bytes must be free before a transaction begins
};
SizeBudget divide(std::int64_t max_bytes);

/// The kinds of data, each of which has a share of the file. `rest`: connections, listeners, owners
/// and batches.
enum class DataKind { rtt_samples, events, rest, traffic, intervals, minutes };
using KindBytes = std::array<std::int64_t, 6>;

/// The kinds, ordered by how much they exceed their share of the file, the worst first.
std::array<DataKind, 6> most_exceeding(const KindBytes& bytes, std::int64_t file_bytes);

/// An upper bound of the bytes that the batch takes in the file.
std::int64_t most_bytes_of(const Batch& batch);

/// The times of two recordings cannot be compared, because the clock may have been set between
/// them: a moment of an earlier recording is earlier, whatever its time.
struct Moment {
    std::int64_t recording_id;
    std::int64_t time_us;

    auto operator<=>(const Moment&) const = default;
};

} // namespace ctrack
