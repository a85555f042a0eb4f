// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/turned_away.h"

#include <fstream>
#include <sstream>

namespace ctrack {

// The names of a group stand in one line and their values in the next, both after the group's name.
std::unordered_map<std::string, std::int64_t> read_counters(std::istream& file) {
    std::unordered_map<std::string, std::int64_t> counters;
    for (std::string names, values; std::getline(file, names) && std::getline(file, values);) {
        std::istringstream name_line(names), value_line(values);
        std::string group, name;
        name_line >> group;
        value_line >> group;
        for (std::int64_t value = 0; name_line >> name && value_line >> value;)
            counters[group.substr(0, group.size() - 1) + name] = value;
    }
    return counters;
}

TurnedAway count_turned_away() {
    std::ifstream snmp("/proc/thread-self/net/snmp"), netstat("/proc/thread-self/net/netstat");
    auto counters = read_counters(snmp);
    counters.merge(read_counters(netstat));
    return {.resets_sent = counters["TcpOutRsts"],
            .listen_overflows = counters["TcpExtListenOverflows"],
            .listen_drops = counters["TcpExtListenDrops"],
            .syn_queue_drops = counters["TcpExtTCPReqQFullDrop"],
            .syn_cookies_sent = counters["TcpExtSyncookiesSent"]};
}

} // namespace ctrack
