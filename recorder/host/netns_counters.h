// SPDX-License-Identifier: Apache-2.0
//
// What the kernel counts of attempts to connect that no socket of their own tells: /proc/net/snmp
// and /proc/net/netstat.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <unordered_map>

#include "recorder/fold/batch.h"

namespace ctrack {

/// The counters of such a file by the names that nstat gives them, as in TcpOutRsts.
std::unordered_map<std::string, std::int64_t> read_counters(std::istream& file);

/// All that was counted in the recorder's network namespace since that was made. A counter that the
/// kernel does not have is 0.
TurnedAway count_turned_away();

} // namespace ctrack
