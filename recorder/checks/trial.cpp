// SPDX-License-Identifier: Apache-2.0
#include "recorder/checks/trial.h"

#include <chrono>
#include <cstring>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "recorder/checks/loopback.h"
#include "recorder/fold/decode.h"

namespace ctrack {

namespace {

using namespace std::chrono_literals;

// The records of a connection that has closed are in the rings at once. Only a busy machine may
// take a moment.
constexpr int looks = 20;
constexpr auto time_between_looks = 10ms;

class Watcher {
public:
    Watcher(Probe& probe, const std::set<std::uint64_t>& cookies)
        : probe_(probe), cookies_(cookies) {}

    Trial look() {
        probe_.sample_rings().drain([this](auto bytes) { return take_sample(bytes); });
        probe_.lifecycle_rings().drain([this](auto bytes) { return take_lifecycle(bytes); });
        return {opened_.size() == 2, closed_.size() == 2, rtt_, measured_};
    }

private:
    bool take_lifecycle(std::span<const std::byte> bytes) {
        const auto record = decode_lifecycle(bytes);
        const auto* summary = record ? std::get_if<ctrack_summary>(&*record) : nullptr;
        if (!summary || !cookies_.contains(summary->event.cookie))
            return true;
        if (summary->event.kind == CTRACK_CONNECT || summary->event.kind == CTRACK_ACCEPT)
            opened_.insert(summary->event.cookie);
        if (summary->event.kind == CTRACK_CLOSE)
            closed_.insert(summary->event.cookie);
        return true;
    }

    bool take_sample(std::span<const std::byte> bytes) {
        const auto sample = decode_rtt(bytes);
        if (!sample || !cookies_.contains(sample->cookie))
            return true;
        rtt_ = true;
        measured_ = measured_ || sample->source == CTRACK_RTT_MEASURED;
        return true;
    }

    Probe& probe_;
    const std::set<std::uint64_t>& cookies_;
    std::set<std::uint64_t> opened_, closed_;
    bool rtt_ = false, measured_ = false;
};

} // namespace

Check check_trial(const Trial& trial, bool wants_rtt, bool in_cgroup) {
    if (!trial.opened && !in_cgroup)
        return {"trial", State::ok, "not made, as this process is not in the cgroup"};
    if (!trial.opened)
        return {"trial", State::fails, "a connection of its own was not seen",
                "nothing can be recorded", "see the line other programs"};
    const bool misses_rtt = wants_rtt && !trial.rtt;
    if (!trial.closed || misses_rtt)
        return {"trial", State::less,
                fmt::format("of a connection of its own, {} not seen",
                            trial.closed ? "the RTT was" : "the end was"),
                "connections end late, with the outcome lost, or have no RTT",
                "another program on the hook turns the callbacks off: see other programs"};
    if (wants_rtt && !trial.measured)
        return {"trial", State::less, "a connection of its own was seen; RTT: that of RACK",
                "the kernel gives its callback no RTT, and RACK's newest takes its place",
                "use Linux 6.10 or newer"};
    return {"trial", State::ok, "a connection of its own was seen from begin to end"};
}

Check try_a_connection(Probe& probe, bool wants_rtt, bool in_cgroup) {
    std::optional<Loopback> connection(std::in_place);
    if (!connection->is_open())
        return {"trial", State::ok,
                fmt::format("not made: 127.0.0.1: {}", std::strerror(connection->error()))};
    connection->exchange();
    const auto cookies = connection->cookies();
    connection.reset();
    Watcher watcher(probe, cookies);
    Trial trial;
    for (int i = 0; i < looks; ++i) {
        trial = watcher.look();
        if (trial.closed && (trial.rtt || !wants_rtt))
            break;
        std::this_thread::sleep_for(time_between_looks);
    }
    return check_trial(trial, wants_rtt, in_cgroup);
}

} // namespace ctrack
