// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/minute_rtts.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace ctrack {

namespace {

struct KeyHash {
    std::size_t operator()(const MinuteRtts::Key& key) const {
        const std::size_t comm = std::hash<std::string_view>{}({key.comm.data(), key.comm.size()});
        const auto minute = static_cast<std::size_t>(key.begin_us);
        return (comm * 31 + key.service_port) * 31 + minute + key.direction;
    }
};

MinuteRtts::Key key_of(const ctrack_summary* summary, std::int64_t minute) {
    MinuteRtts::Key key{.begin_us = minute * minute_us};
    if (summary == nullptr)
        return key;
    const ctrack_summary& s = *summary;
    if (s.owner.pid)
        std::memcpy(key.comm.data(), s.owner.comm, strnlen(s.owner.comm, sizeof s.owner.comm));
    key.service_port = service_port(s.direction, s.local_port, s.peer_port);
    key.direction = s.direction;
    return key;
}

/// The counts of a batch, and where each key has its own.
class Counted {
public:
    std::uint32_t place_of(const MinuteRtts::Key& key) {
        if (const auto known = places_.find(key); known != places_.end())
            return known->second;
        const MinuteRtts::Key nobody{.begin_us = key.begin_us};
        if (all.size() >= SampleTally::max_keys && key != nobody)
            return place_of(nobody);
        all.push_back({key});
        return places_[key] = static_cast<std::uint32_t>(all.size());
    }

    std::vector<MinuteRtts> all;

private:
    std::unordered_map<MinuteRtts::Key, std::uint32_t, KeyHash> places_;
};

// What a burst has left is given back.
template <class T> void clear(std::vector<T>& used) {
    if (used.capacity() > 2 * used.size())
        used = {};
    used.clear();
}

} // namespace

std::uint16_t service_port(unsigned direction, std::uint16_t local_port, std::uint16_t peer_port) {
    switch (direction) {
    case CTRACK_ACTIVE: return peer_port;
    case CTRACK_PASSIVE: return local_port;
    default: return std::min(local_port, peer_port);
    }
}

void SampleTally::forget(const ctrack_summary& summary) {
    for (Sampled& sampled : sampled_)
        if (sampled.summary == &summary)
            sampled.summary = nullptr;
}

std::vector<MinuteRtts> SampleTally::take(const std::vector<RttRow>& samples) {
    Counted counted;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        Sampled& sampled = sampled_[slots_[i]];
        const std::int64_t minute = samples[i].time_us() / minute_us;
        if (sampled.place == 0 || sampled.minute != minute) {
            sampled.minute = minute;
            sampled.place = counted.place_of(key_of(sampled.summary, minute));
        }
        counted.all[sampled.place - 1].rtts.add(samples[i].rtt_us());
    }
    clear(slots_);
    clear(sampled_);
    return std::move(counted.all);
}

} // namespace ctrack
