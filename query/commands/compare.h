// SPDX-License-Identifier: Apache-2.0
//
// Finds what differs between two sets of measures.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace ctrack::query::diff {

struct Key {
    std::string kind, comm, peer_address, outcome;

    auto operator<=>(const Key&) const = default;
};

struct Side {
    std::map<Key, std::int64_t> values;
    std::int64_t recorded_us = 0;
};

struct Change {
    Key key; ///< has the kind failures, rtt_p50_us ..., bytes, new_peer or gone_peer
    std::optional<std::int64_t> before, after;
    double difference = 0; ///< for counts and bytes, as if `before` had lasted as long as `after`
    std::optional<double> factor; ///< is scaled the same way; nothing if `before` is nothing or 0
};

/// The changes, ordered by their kinds, and within a kind the greatest difference first.
std::vector<Change> compare(const Side& before, const Side& after);

/// The two ends of FROM..TO. If TO is a time of day, as in "yesterday 14:00..15:00", it is on the
/// day of FROM. Throws UsageError, which names the option.
std::tuple<std::string, std::string> split_window(const std::string& option,
                                                  const std::string& text);

} // namespace ctrack::query::diff
