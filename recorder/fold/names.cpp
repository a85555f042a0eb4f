// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/names.h"

namespace ctrack {

const char* name_of(StartKind kind) { return kind == StartKind::seen ? "seen" : "preexisting"; }

const char* direction_name(unsigned direction) {
    switch (direction) {
    case CTRACK_ACTIVE: return "active";
    case CTRACK_PASSIVE: return "passive";
    default: return "unknown";
    }
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
