// SPDX-License-Identifier: Apache-2.0
//
// What differs between two sets of measures.
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
    Key key; ///< its kind: failures, rtt_p50_us ..., bytes, new_peer or gone_peer
    std::optional<std::int64_t> before, after;
    double difference = 0;        ///< of counts and bytes: as if `before` had lasted as long
    std::optional<double> factor; ///< likewise; nothing if there was nothing before
};

/// The changes, kind by kind, the greatest difference first.
std::vector<Change> compare(const Side& before, const Side& after);

/// The two ends of FROM..TO. A TO that is a time of day, as in "yesterday 14:00..15:00", is
/// of FROM's day. Throws UsageError, which names the option.
std::tuple<std::string, std::string> split_window(const std::string& option,
                                                  const std::string& text);

} // namespace ctrack::query::diff
