// SPDX-License-Identifier: Apache-2.0
//
// Counts the RTT samples of a batch by minute, program, service port and direction. Whose a sample
// is says the connection's row when the batch is taken, because samples may come before the record
// that tells its owner.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bpf/ctrack_event.h"
#include "recorder/fold/rtt_histogram.h"
#include "recorder/fold/rtt_row.h"

namespace ctrack {

inline constexpr std::int64_t minute_us = 60'000'000;

/// The port that columns called service_port have.
std::uint16_t service_port(unsigned direction, std::uint16_t local_port, std::uint16_t peer_port);

/// The samples of one minute and one kind of connection.
struct MinuteRtts {
    struct Key {
        std::int64_t begin_us;
        std::array<char, sizeof(ctrack_owner::comm)> comm{}; ///< empty if the owner is not known
        std::uint16_t service_port = 0;
        std::uint8_t direction = CTRACK_DIRECTION_UNKNOWN;

        bool operator==(const Key&) const = default;
    };
    Key key;
    RttHistogram rtts{};
};

class SampleTally {
public:
    /// A batch has at most so many different keys, of 1.9 KiB each. What is more is counted for
    /// nobody.
    static constexpr std::size_t max_keys = 512;

    /// Says that the next sample is of this connection. `slot` is a number that belongs to the
    /// connection and is 0 at first. The summary must live until take() or forget().
    void add(std::uint32_t& slot, const ctrack_summary& summary) {
        if (slot >= sampled_.size() || sampled_[slot].summary != &summary) {
            slot = static_cast<std::uint32_t>(sampled_.size());
            sampled_.push_back({&summary, 0, 0});
        }
        slots_.push_back(slot);
    }

    /// Says that the connection goes. Its samples since the last take() are counted for nobody.
    void forget(const ctrack_summary& summary);

    /// Counts the samples, for each of which add() has been called, in their order.
    std::vector<MinuteRtts> take(const std::vector<RttRow>& samples);

private:
    struct Sampled {
        const ctrack_summary* summary;
        std::int64_t minute; ///< of its newest sample that was counted
        std::uint32_t place; ///< of that minute in the result, counted from 1; 0: there is none
    };

    /// Of a batch with 262,144 samples these take 1 MiB, and 6 MiB if each sample is of another
    /// connection. The counts take 1 MiB.
    std::vector<std::uint32_t> slots_;
    std::vector<Sampled> sampled_;
};

} // namespace ctrack
