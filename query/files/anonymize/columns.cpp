// SPDX-License-Identifier: Apache-2.0
#include "query/files/anonymize/columns.h"

#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <re2/re2.h>

namespace ctrack::query::anonymize {

namespace {

struct Rule {
    std::string_view table;
    Kind kind;
    std::string_view columns; ///< are separated by blanks
};

constexpr std::array rules{
    // clang-format off
    Rule{"recordings", Kind::kept, "id clock_offset_us started_us ended_us heartbeat_us heartbeat_interval_us"},
    Rule{"recordings", Kind::hex, "host_id boot_id"},
    Rule{"recordings", Kind::name, "hostname"},
    Rule{"recordings", Kind::version, "kernel ctrack_version"},
    Rule{"recordings", Kind::path, "cgroup_path"},
    Rule{"recordings", Kind::word, "clock rtt_source rtt_mode adoption connect_errors end_kind"},
    Rule{"recordings", Kind::options, "options"}, // paths, mostly

    Rule{"host_checks", Kind::kept, "recording_id"},
    Rule{"host_checks", Kind::word, "part state"},
    Rule{"host_checks", Kind::options, "found costs"}, // become empty

    Rule{"processes", Kind::kept, "id pid start_boottime_ns started_us exec_id uid parent_pid"},
    Rule{"processes", Kind::program, "comm"},
    Rule{"processes", Kind::path, "exe"},
    Rule{"processes", Kind::name, "cmdline"},

    Rule{"cgroups", Kind::kept, "id"},
    Rule{"cgroups", Kind::number, "kernel_id"},
    Rule{"cgroups", Kind::path, "path"},
    Rule{"cgroups", Kind::hex, "container_id"},
    Rule{"cgroups", Kind::unit, "systemd_unit systemd_slice systemd_user_unit"},

    Rule{"connections", Kind::number, "cookie netns"},
    Rule{"connections", Kind::address, "local_address peer_address requested_address nat_local_address nat_peer_address"},
    Rule{"connections", Kind::name, "interface"},
    Rule{"connections", Kind::word, "direction pid_source start_kind outcome closed_by congestion ulp waits_for"},
    Rule{"connections", Kind::kept, "id recording_id generation family local_port peer_port ifindex requested_port"},
    Rule{"connections", Kind::kept, "nat_local_port nat_peer_port process_id cgroup_id socket_cgroup_id uid"},
    Rule{"connections", Kind::kept, "opened_us established_us closed_us errno"},
    Rule{"connections", Kind::kept, "rtt_min_us rtt_max_us rtt_samples rtt_sum_us srtt_us rtt_deviation_us kernel_rtt_min_us"},
    Rule{"connections", Kind::kept, "bytes_sent bytes_received segs_sent segs_received retrans_segs rtos"},
    Rule{"connections", Kind::kept, "busy_us rwnd_limited_us sndbuf_limited_us sent_ago_us received_ago_us"},
    Rule{"connections", Kind::kept, "retrans_fast_segs retrans_tlp_segs retrans_timeout_segs retrans_spurious_segs"},
    Rule{"connections", Kind::kept, "wait_for_peer_us wait_for_local_us"},
    Rule{"connections", Kind::kept, "delivery_rate_bps mss is_untracked"},
    Rule{"connections", Kind::kept, "counters_us bytes_sent_before bytes_received_before has_intervals"},

    Rule{"listeners", Kind::number, "cookie netns"},
    Rule{"listeners", Kind::address, "local_address"},
    Rule{"listeners", Kind::name, "interface"},
    Rule{"listeners", Kind::word, "pid_source start_kind"},
    Rule{"listeners", Kind::kept, "id recording_id family local_port ifindex process_id cgroup_id uid opened_us closed_us"},

    Rule{"events", Kind::kept, "id connection_id time_us kind old_state new_state value"},
    Rule{"packed_rtt_samples", Kind::kept, "id connection_id since_2030_us rtt_state srtt_less_rtt_us"},
    Rule{"packed_intervals", Kind::kept, "id connection_id bytes_sent bytes_received segs held_up"},

    Rule{"batches", Kind::kept, "id recording_id committed_us first_time_us last_time_us first_event_id last_event_id"},
    Rule{"batches", Kind::kept, "first_rtt_sample_id last_rtt_sample_id first_connection_id last_connection_id"},
    Rule{"batches", Kind::kept, "first_opened_us clock_step_us lost_lifecycle_ring lost_sample_ring lost_netns"},
    Rule{"batches", Kind::kept, "lost_no_storage lost_decode_reject lost_file"},
    Rule{"batches", Kind::kept, "first_interval_id last_interval_id intervals_from_us intervals_until_us"},
    Rule{"accept_queues", Kind::kept, "recording_id until_us listener_id from_us queue_len queue_max queue_limit drops"},
    Rule{"netns_counters", Kind::number, "netns"},
    Rule{"netns_counters", Kind::kept, "recording_id until_us from_us attempt_fails resets_sent listen_overflows"},
    Rule{"netns_counters", Kind::kept, "listen_drops syn_queue_drops syn_cookies_sent"},
    Rule{"long_connections", Kind::kept, "connection_id closed_us"},

    Rule{"traffic_sums", Kind::program, "comm"},
    Rule{"traffic_sums", Kind::address, "peer_address"},
    Rule{"traffic_sums", Kind::word, "direction"},
    Rule{"traffic_sums", Kind::kept, "begin_us service_port pid connections opened closed refused timeout unreachable"},
    Rule{"traffic_sums", Kind::kept, "reset aborted repair lost bytes_sent bytes_received retrans_segs"},
    Rule{"traffic_sums", Kind::kept, "rtt_samples rtt_sum_us rtt_min_us rtt_max_us"},

    Rule{"traffic_recent", Kind::program, "comm"},
    Rule{"traffic_recent", Kind::address, "peer_address"},
    Rule{"traffic_recent", Kind::word, "direction"},
    Rule{"traffic_recent", Kind::kept, "id begin_us service_port pid connections opened closed refused timeout unreachable"},
    Rule{"traffic_recent", Kind::kept, "reset aborted repair lost bytes_sent bytes_received retrans_segs"},
    Rule{"traffic_recent", Kind::kept, "rtt_samples rtt_sum_us rtt_min_us rtt_max_us"},

    Rule{"minutes", Kind::program, "comm"},
    Rule{"minutes", Kind::word, "direction"},
    Rule{"minutes", Kind::kept, "id begin_us service_port connections opened closed refused timeout unreachable reset"},
    Rule{"minutes", Kind::kept, "aborted repair lost bytes_sent bytes_received retrans_segs"},
    Rule{"minutes", Kind::kept, "rtt_samples rtt_sum_us rtt_min_us rtt_max_us"},
    Rule{"minutes", Kind::counts, "rtts"},

    Rule{"retention", Kind::word, "kind"},
    Rule{"retention", Kind::kept, "kept_from_us deleted_rows"},
    Rule{"snapshots", Kind::word, "anonymize_level"},
    Rule{"snapshots", Kind::kept, "recording_id begin_us end_us made_us is_filtered"},

    Rule{"event_kinds", Kind::ours, "id name description value"},
    Rule{"tcp_states", Kind::ours, "id name"},
    Rule{"errnos", Kind::ours, "id name description"},
    // clang-format on
};

struct Words {
    std::string_view column, words;
};

// Words of columns without a CHECK. The kernel's modules give the names of congestion controls and
// upper layer protocols: these are its own, and others may be somebody's.
constexpr std::array more_words{
    Words{"clock", "boottime"},
    Words{"rtt_mode", "every off"},
    Words{"congestion", "bbr bic cdg cubic dctcp dctcp-reno highspeed htcp hybla illinois lp nv "
                        "reno scalable vegas veno westwood yeah"},
    Words{"ulp", "espintcp mptcp smc tls"},
};

// Whether a word is one of those in a list that blanks separate.
bool is_in(std::string_view words, std::string_view word) {
    return fmt::format(" {} ", words).find(fmt::format(" {} ", word)) != std::string::npos;
}

void add_blank_separated(std::string_view list, std::set<std::string>& words) {
    re2::StringPiece rest(list.data(), list.size());
    static const RE2 pattern(R"((\S+)\s*)");
    for (std::string word; RE2::Consume(&rest, pattern, &word);)
        words.insert(word);
}

// Of a check such as "kind IN ('events', 'traffic')".
void add_of_check(std::string_view column, const std::string& check, std::set<std::string>& words) {
    static const RE2 list(R"((\w+) IN \((.*)\))"), quoted("'([^']*)'");
    std::string of, texts;
    if (!RE2::FullMatch(check, list, &of, &texts) || of != column)
        return;
    re2::StringPiece rest(texts);
    for (std::string word; RE2::FindAndConsume(&rest, quoted, &word);)
        words.insert(word);
}

} // namespace

Kind kind_of(std::string_view table, std::string_view column) {
    for (const auto& rule : rules)
        if (rule.table == table && is_in(rule.columns, column))
            return rule.kind;
    throw std::logic_error(fmt::format("anonymize does not know {}.{}", table, column));
}

std::set<std::string> words_of(std::string_view column, const std::vector<Described>& schema) {
    std::set<std::string> words;
    for (const auto& table : schema)
        for (const auto& check : table.checks)
            add_of_check(column, check, words);
    for (const auto& more : more_words)
        if (more.column == column)
            add_blank_separated(more.words, words);
    return words;
}

} // namespace ctrack::query::anonymize
