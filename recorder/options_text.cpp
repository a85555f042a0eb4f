// SPDX-License-Identifier: Apache-2.0
#include "recorder/options_text.h"

#include <fmt/format.h>

namespace ctrack {

namespace {

std::string or_off(std::chrono::milliseconds time) {
    return time.count() ? fmt::format("{}ms", time.count()) : "off";
}

std::string or_off(std::uint64_t bytes) { return bytes ? std::to_string(bytes) : "off"; }

} // namespace

std::string text_of(const Options& o) {
    return fmt::format(
        "db={}\ncgroup={}\nduration={}\ncommit-interval={}\ninterval={}\nrtt={}\n"
        "lifecycle-ring={}\nsample-ring={}\nmax-size={}\nmax-age={}\nconnect-errors={}\n"
        "namespaces={}\n",
        o.db, o.cgroup, or_off(o.duration), or_off(o.commit_interval), or_off(o.interval), o.rtt,
        o.lifecycle_ring_bytes, o.sample_ring_bytes, or_off(o.max_bytes), or_off(o.max_age),
        o.connect_errors, o.namespaces);
}

} // namespace ctrack
