// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/retention_plan.h"

#include <algorithm>

#include "schema/format.h"

namespace ctrack {

namespace {

constexpr std::int64_t mebibyte = 1 << 20;

// The largest batch has 262,144 samples and 65,536 events, each of a new connection. Measured,
// it takes 22 MiB of log, and what it adds to the sums of traffic takes 1 MiB.
constexpr std::int64_t largest_batch_bytes = 24 * mebibyte;
constexpr std::int64_t least_log_bytes = 32 * mebibyte;

// A row of traffic_sums takes a third of the bytes of a connection. So the sums outlive the
// connections even where each connection has a peer of its own. Minutes have no peer.
constexpr KindBytes share_percent{35, 15, 20, 8, 15, 7};

// Bytes of a row with the largest numbers and the longest addresses, and its share of what a page
// leaves unused.
constexpr std::int64_t most_sample_bytes = 40;
constexpr std::int64_t most_event_bytes = 44;
constexpr std::int64_t most_interval_bytes = 52;
constexpr std::int64_t most_connection_bytes = 420; // includes what it adds to the sums of traffic
constexpr std::int64_t most_listener_bytes = 200;
constexpr std::int64_t most_pressure_bytes = 100; // of accept_queues, and of netns_counters
constexpr std::int64_t most_minute_bytes = 160;   // without its buckets
constexpr std::int64_t most_minute_rows = 3000;   // some commits tell of three minutes
constexpr std::int64_t most_bucket_bytes = 17;    // as "463":4294967295,
constexpr std::int64_t most_owner_bytes = 300;    // counts the row and its index, without texts
using schema::page_bytes;
constexpr std::int64_t slack_pages =
    32; // the pages that each table has begun, inner pages, and the batch's own row

std::int64_t rows(const auto& container) { return static_cast<std::int64_t>(container.size()); }

// A text that does not fit into its page continues in pages of its own.
std::int64_t text_bytes(const std::optional<std::string>& text) {
    return text ? rows(*text) + (rows(*text) > 512 ? page_bytes : 0) : 0;
}

std::int64_t minute_bytes_of(const Batch& batch) {
    std::int64_t bytes =
        most_minute_bytes *
        std::min(rows(batch.connections) + rows(batch.minute_rtts), most_minute_rows);
    for (const auto& [key, rtts] : batch.minute_rtts)
        bytes += most_bucket_bytes *
                 (std::ssize(rtts.buckets) - std::ranges::count(rtts.buckets, std::uint32_t{0}));
    return bytes;
}

std::int64_t owner_bytes_of(const Batch& batch) {
    std::int64_t bytes = most_owner_bytes * (rows(batch.processes) + rows(batch.cgroups));
    for (const auto& process : batch.processes)
        bytes += text_bytes(process.exe) + text_bytes(process.cmdline);
    for (const auto& cgroup : batch.cgroups)
        bytes += 4 * text_bytes(cgroup.path); // the index, the unit and the slice repeat it
    return bytes;
}

} // namespace

SizeBudget divide(std::int64_t max_bytes) {
    const auto log = std::max(max_bytes / 4, std::min(max_bytes / 2, least_log_bytes));
    return {.file_bytes = max_bytes - log,
            .log_bytes = log,
            .log_free_bytes = std::min(log * 3 / 4, std::max(log / 2, largest_batch_bytes))};
}

std::array<DataKind, 6> most_exceeding(const KindBytes& bytes, std::int64_t file_bytes) {
    std::array kinds{DataKind::rtt_samples, DataKind::events,    DataKind::rest,
                     DataKind::traffic,     DataKind::intervals, DataKind::minutes};
    const auto excess = [&](DataKind kind) {
        const auto i = static_cast<std::size_t>(kind);
        return bytes[i] - file_bytes / 100 * share_percent[i];
    };
    std::stable_sort(kinds.begin(), kinds.end(),
                     [&](DataKind a, DataKind b) { return excess(a) > excess(b); });
    return kinds;
}

std::int64_t most_bytes_of(const Batch& batch) {
    return rows(batch.rtt_samples) * most_sample_bytes + rows(batch.events) * most_event_bytes +
           rows(batch.intervals) * most_interval_bytes +
           rows(batch.connections) * most_connection_bytes +
           rows(batch.listeners) * most_listener_bytes +
           (rows(batch.accept_queues) + rows(batch.netns_counters)) * most_pressure_bytes +
           owner_bytes_of(batch) + minute_bytes_of(batch) + slack_pages * page_bytes;
}

} // namespace ctrack
