// SPDX-License-Identifier: Apache-2.0
//
// Turns the bytes of a ring record into a checked record. It is pure: it knows no libbpf and no
// SQLite.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "bpf/ctrack_event.h"

namespace ctrack {

using LifecycleRecord =
    std::variant<ctrack_event, ctrack_summary, ctrack_process, ctrack_requested>;

/// These return nullopt where the size does not fit the kind, or a field is out of its range. The
/// caller counts such a record as lost.
std::optional<LifecycleRecord> decode_lifecycle(std::span<const std::byte> bytes);
std::optional<ctrack_rtt> decode_rtt(std::span<const std::byte> bytes);

} // namespace ctrack
