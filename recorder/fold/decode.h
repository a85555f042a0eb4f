// SPDX-License-Identifier: Apache-2.0
//
// Bytes of a ring record -> a checked record. Pure: no libbpf, no SQLite.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "bpf/ctrack_event.h"

namespace ctrack {

using LifecycleRecord = std::variant<ctrack_event, ctrack_summary, ctrack_process>;

/// nullopt where the size does not fit the kind or a field is out of its range;
/// the caller counts these as lost.
std::optional<LifecycleRecord> decode_lifecycle(std::span<const std::byte> bytes);
std::optional<ctrack_rtt> decode_rtt(std::span<const std::byte> bytes);

} // namespace ctrack
