// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/netns_counters.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include <fcntl.h>

#include <fmt/format.h>

#include "common/file_descriptor.h"
#include "recorder/host/network_namespaces.h"

namespace ctrack {

namespace {

constexpr std::size_t most_namespaces = 1024;

// All that was counted in the network namespace of a process since it was made. A counter that the
// kernel does not have is 0.
NetnsCounts counts_of(const std::string& process) {
    std::ifstream snmp(process + "/net/snmp"), netstat(process + "/net/netstat");
    auto counters = read_counters(snmp);
    counters.merge(read_counters(netstat));
    return {.attempt_fails = counters["TcpAttemptFails"],
            .resets_sent = counters["TcpOutRsts"],
            .listen_overflows = counters["TcpExtListenOverflows"],
            .listen_drops = counters["TcpExtListenDrops"],
            .syn_queue_drops = counters["TcpExtTCPReqQFullDrop"],
            .syn_cookies_sent = counters["TcpExtSyncookiesSent"]};
}

// The counters of a namespace, if one of the files that name it is that of a process in it. While
// the directory of a process is open, its pid cannot stand for another one.
std::optional<NetnsCounts> read_from_a_process(std::uint64_t netns,
                                               const std::vector<std::string>& files) {
    for (const std::string& file : files) {
        if (!file.starts_with("/proc/"))
            continue;
        const auto path = std::filesystem::path(file).parent_path().parent_path();
        const FileDescriptor directory(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        const std::string process = fmt::format("/proc/self/fd/{}", directory.get());
        const NetnsCounts counts = counts_of(process);
        if (network_namespace_of(process) == netns)
            return counts;
    }
    return std::nullopt;
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
        read_one(inode, files, now_us);
}

// Where no process is in a namespace, it must be entered, which takes CAP_SYS_ADMIN.
void NetnsCounters::read_one(std::uint64_t netns, const std::vector<std::string>& files,
                             std::int64_t now_us) {
    if (const auto counts = read_from_a_process(netns, files))
        note(netns, *counts, now_us);
    else
        run_in_network_namespace(netns, files,
                                 [&] { note(netns, counts_of("/proc/thread-self"), now_us); });
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
