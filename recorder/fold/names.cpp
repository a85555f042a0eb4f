// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/names.h"

#include <algorithm>
#include <iterator>

namespace ctrack {

namespace {

constexpr const char* directions[] = {"unknown", "active", "passive"}; // by ctrack_direction

} // namespace

const char* name_of(StartKind kind) { return kind == StartKind::seen ? "seen" : "preexisting"; }

const char* name_of(WaitsFor end) { return end == WaitsFor::peer ? "peer" : "local"; }

const char* direction_name(unsigned direction) {
    return directions[direction < std::size(directions) ? direction
                                                        : unsigned{CTRACK_DIRECTION_UNKNOWN}];
}

std::uint8_t direction_named(std::string_view name) {
    const auto* found = std::find(std::begin(directions), std::end(directions), name);
    return static_cast<std::uint8_t>(found == std::end(directions) ? 0 : found - directions);
}

const char* pid_source_name(unsigned source) {
    switch (source) {
    case CTRACK_PID_CONNECT: return "connect";
    case CTRACK_PID_LISTENER: return "listener";
    case CTRACK_PID_CLOSER: return "closer";
    case CTRACK_PID_SCAN: return "scan";
    case CTRACK_PID_ACCEPT: return "accept";
    default: return "unknown";
    }
}

} // namespace ctrack
