// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/netns_counters.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string_view>

#include "recorder/host/network_namespaces.h"

namespace ctrack {

namespace {

constexpr std::size_t most_namespaces = 1024;

// All that was counted in the current network namespace since it was made. A counter that the
// kernel does not have is 0.
NetnsCounts current_counts() {
    std::ifstream snmp("/proc/thread-self/net/snmp"), netstat("/proc/thread-self/net/netstat");
    auto counters = read_counters(snmp);
    counters.merge(read_counters(netstat));
    return {.attempt_fails = counters["TcpAttemptFails"],
            .resets_sent = counters["TcpOutRsts"],
            .listen_overflows = counters["TcpExtListenOverflows"],
            .listen_drops = counters["TcpExtListenDrops"],
            .syn_queue_drops = counters["TcpExtTCPReqQFullDrop"],
            .syn_cookies_sent = counters["TcpExtSyncookiesSent"]};
}

// Takes a word and the blank behind it off the line.
std::string_view take_word(std::string_view& line) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    return word;
}

// "Tcp:" and "OutRsts" become TcpOutRsts.
std::string join(std::string_view group, std::string_view name) {
    return std::string(group.substr(0, group.find(':'))).append(name);
}

// What is no number is 0.
std::int64_t number(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// Counters of one namespace only grow.
bool is_of_another(const NetnsCounts& counts, const NetnsCounts& before) {
    const NetnsCounts more = counts - before;
    return std::min({more.attempt_fails, more.resets_sent, more.listen_overflows, more.listen_drops,
                     more.syn_queue_drops, more.syn_cookies_sent}) < 0;
}

} // namespace

// The names of a group stand in one line and their values in the next, both after the group's name.
std::unordered_map<std::string, std::int64_t> read_counters(std::istream& file) {
    std::unordered_map<std::string, std::int64_t> counters;
    for (std::string names, values; std::getline(file, names) && std::getline(file, values);) {
        std::string_view names_left = names, values_left = values;
        const std::string_view group = take_word(names_left);
        take_word(values_left);
        while (!names_left.empty())
            counters[join(group, take_word(names_left))] = number(take_word(values_left));
    }
    return counters;
}

void NetnsCounters::read(std::int64_t now_us) {
    const NetworkNamespaces named = find_network_namespaces();
    std::erase_if(namespaces_, [&](const auto& known) {
        const Namespace& netns = known.second;
        return !named.contains(known.first) && netns.newest.counts == netns.told.counts;
    });
    for (const auto& [inode, files] : named)
        run_in_network_namespace(inode, files,
                                 [&, netns = inode] { note(netns, current_counts(), now_us); });
}

// A namespace may have the number of one that is gone. Then what it counted before is left out, as
// that of any other that is new.
void NetnsCounters::note(std::uint64_t netns, const NetnsCounts& counts, std::int64_t now_us) {
    const Reading reading{counts, now_us};
    const auto known = namespaces_.find(netns);
    if (known == namespaces_.end() && namespaces_.size() < most_namespaces)
        namespaces_.emplace(netns, Namespace{reading, reading});
    else if (known != namespaces_.end() && is_of_another(counts, known->second.newest.counts))
        known->second = {reading, reading};
    else if (known != namespaces_.end())
        known->second.newest = reading;
}

std::vector<NetnsRow> NetnsCounters::take() {
    std::vector<NetnsRow> rows;
    for (auto& [netns, known] : namespaces_) {
        if (known.newest.counts != known.told.counts)
            rows.push_back({netns, known.told.time_us, known.newest.time_us,
                            known.newest.counts - known.told.counts});
        known.told = known.newest;
    }
    return rows;
}

} // namespace ctrack
