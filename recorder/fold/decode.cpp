// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/decode.h"

#include <cstring>

#include "recorder/fold/tcp_state.h"

namespace ctrack {

namespace {

template <class Record> std::optional<Record> copy_exactly(std::span<const std::byte> bytes) {
    if (bytes.size() != sizeof(Record))
        return std::nullopt;
    Record record;
    std::memcpy(&record, bytes.data(), sizeof record);
    return record;
}

bool is_state(unsigned state) { return state >= tcp_first_state && state <= tcp_last_state; }

bool names_a_connection(std::uint64_t cookie, std::uint32_t generation) {
    return cookie != 0 && generation != 0;
}

// An attempt that failed before TCP is no connection: it has a cookie, but generation 0.
bool is_valid(const ctrack_event& e) {
    const bool named = e.kind == CTRACK_ATTEMPT ? e.cookie != 0 && e.generation == 0
                                                : names_a_connection(e.cookie, e.generation);
    return named && is_state(e.old_state) && is_state(e.new_state);
}

bool is_valid(const ctrack_summary& s) {
    return is_valid(s.event) && s.direction <= CTRACK_PASSIVE && s.pid_source <= CTRACK_PID_ACCEPT;
}

bool is_valid(const ctrack_requested& r) { return is_valid(r.event); }

bool is_valid(const ctrack_process& p) {
    return p.owner.pid != 0 && p.arguments_bytes <= sizeof p.arguments;
}

bool is_valid(const ctrack_rtt& r) {
    return names_a_connection(r.cookie, r.generation) && is_state(r.state) &&
           (r.source == CTRACK_RTT_MEASURED || r.source == CTRACK_RTT_RACK);
}

template <class Record> std::optional<Record> decode(std::span<const std::byte> bytes) {
    auto record = copy_exactly<Record>(bytes);
    return record && is_valid(*record) ? record : std::nullopt;
}

} // namespace

std::optional<LifecycleRecord> decode_lifecycle(std::span<const std::byte> bytes) {
    if (bytes.size() < sizeof(ctrack_event))
        return std::nullopt;
    switch (static_cast<unsigned>(bytes[offsetof(ctrack_event, kind)])) {
    case CTRACK_ESTABLISHED:
    case CTRACK_STATE:
    case CTRACK_RETRANSMIT:
    case CTRACK_RTO:
    case CTRACK_RETRANSMIT_FAILED:
    case CTRACK_RESET:
    case CTRACK_UNMOVED: return decode<ctrack_event>(bytes);
    case CTRACK_CONNECT:
    case CTRACK_ACCEPT:
    case CTRACK_CLOSE:
    case CTRACK_CHECKPOINT:
    case CTRACK_PREEXISTING:
    case CTRACK_LISTENER:
    case CTRACK_ATTEMPT: return decode<ctrack_summary>(bytes);
    case CTRACK_REQUESTED: return decode<ctrack_requested>(bytes);
    case CTRACK_EXECUTED:
    case CTRACK_PROCESS: return decode<ctrack_process>(bytes);
    default: return std::nullopt;
    }
}

std::optional<ctrack_rtt> decode_rtt(std::span<const std::byte> bytes) {
    return decode<ctrack_rtt>(bytes);
}

} // namespace ctrack
