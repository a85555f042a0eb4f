// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sums/traffic_writer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "recorder/fold/address_text.h"
#include "recorder/fold/names.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr std::int64_t day_us = 86'400'000'000;
// Merging so many rows takes some 10 ms.
constexpr std::int64_t worth_merging = 8192;
// A commit of more connections leaves no room in the log for the pages of a merge, which then
// waits for the next commit, unless too many rows wait already.
constexpr std::size_t most_beside_merging = 32'768;
constexpr std::int64_t most_waiting = 65'536;

// The rows of connections that were left open are copied, because retention may delete them before
// this recording meets the connections. The newest row of a socket counts. They take at most 20
// MiB.
constexpr const char* make_left_open = R"sql(
CREATE TEMP TABLE left_open (
  cookie INTEGER PRIMARY KEY ON CONFLICT IGNORE,
  peer_address TEXT, connections INTEGER, bytes_sent INTEGER, bytes_received INTEGER,
  retrans_segs INTEGER, rtt_samples INTEGER, rtt_sum_us INTEGER))sql";
constexpr std::array going_on{Count::connections,  Count::bytes_sent,  Count::bytes_received,
                              Count::retrans_segs, Count::rtt_samples, Count::rtt_sum_us};
constexpr const char* fill_left_open = R"sql(
INSERT INTO temp.left_open
SELECT c.cookie, c.peer_address, 1, c.bytes_sent, c.bytes_received, c.retrans_segs, 0, 0
FROM main.long_connections l CROSS JOIN main.connections c ON c.id = l.connection_id
JOIN main.recordings r ON r.id = c.recording_id
WHERE l.closed_us IS NULL AND r.boot_id = ? ORDER BY l.connection_id DESC LIMIT 262144)sql";

// Each is met once at most. If the commit is rolled back, SQLite brings the row back.
constexpr const char* take_left_open = R"sql(
DELETE FROM temp.left_open WHERE cookie = ? AND peer_address = ?
RETURNING connections, bytes_sent, bytes_received, retrans_segs, rtt_samples, rtt_sum_us)sql";

// Another file has a row of its own for a connection, which counts there as one.
constexpr const char* read_left_open = R"sql(
SELECT c.cookie, coalesce(c.peer_address, ''), 0, c.bytes_sent, c.bytes_received, c.retrans_segs,
       c.rtt_samples, c.rtt_sum_us
FROM main.long_connections l CROSS JOIN main.connections c ON c.id = l.connection_id
WHERE l.closed_us IS NULL AND c.recording_id = ? ORDER BY l.connection_id DESC LIMIT 262144)sql";
constexpr const char* add_left_open = "INSERT INTO temp.left_open VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

// The counts are in the order of `enum class Count`.
constexpr const char* find_connection = R"sql(
SELECT pid, comm, peer_address, local_port, peer_port, direction,
  1, start_kind = 'seen', outcome = 'closed', outcome = 'refused', outcome = 'timeout',
  outcome = 'unreachable', outcome = 'reset', outcome = 'aborted', outcome = 'repair',
  outcome = 'lost', bytes_sent, bytes_received, retrans_segs, rtt_samples, rtt_sum_us, opened_us,
  closed_us
FROM main.connections c JOIN main.processes p ON p.id = process_id WHERE c.id = ?)sql";

constexpr const char* columns = R"sql(begin_us, comm, peer_address, service_port, direction, pid,
  connections, opened, closed, refused, timeout, unreachable, reset, aborted, repair, lost,
  bytes_sent, bytes_received, retrans_segs, rtt_samples, rtt_sum_us, rtt_min_us, rtt_max_us)sql";

constexpr const char* append_recent = R"sql(
INSERT INTO traffic_recent ({})
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

constexpr const char* recent = R"sql(
SELECT coalesce(max(id), 0), (SELECT begin_us FROM traffic_recent ORDER BY id LIMIT 1)
FROM traffic_recent)sql";

constexpr const char* merge_recent = R"sql(
INSERT INTO traffic_sums ({0})
SELECT {0} FROM traffic_recent WHERE true ORDER BY 1, 2, 3, 4, 5
ON CONFLICT DO UPDATE SET
  pid = iif(pid = excluded.pid, pid, NULL),
  connections = connections + excluded.connections, opened = opened + excluded.opened,
  closed = closed + excluded.closed, refused = refused + excluded.refused,
  timeout = timeout + excluded.timeout, unreachable = unreachable + excluded.unreachable,
  reset = reset + excluded.reset, aborted = aborted + excluded.aborted,
  repair = repair + excluded.repair, lost = lost + excluded.lost,
  bytes_sent = bytes_sent + excluded.bytes_sent, bytes_received = bytes_received + excluded.bytes_received,
  retrans_segs = retrans_segs + excluded.retrans_segs,
  rtt_samples = rtt_samples + excluded.rtt_samples, rtt_sum_us = rtt_sum_us + excluded.rtt_sum_us,
  rtt_min_us = min(coalesce(rtt_min_us, excluded.rtt_min_us),
                   coalesce(excluded.rtt_min_us, rtt_min_us)),
  rtt_max_us = max(coalesce(rtt_max_us, excluded.rtt_max_us),
                   coalesce(excluded.rtt_max_us, rtt_max_us)))sql";

std::string peer_text(const PeerAddress& bytes) {
    Address address;
    std::ranges::copy(bytes, address);
    return bytes == PeerAddress{} ? "" : std::string(AddressText().of(address));
}

// What an older connection had moved before it was first seen is of no minute.
Amounts moved_since_met(const ConnectionRow& row) {
    Amounts moved;
    moved[Count::bytes_sent] =
        static_cast<std::int64_t>(row.summary.bytes_sent - row.bytes_sent_before);
    moved[Count::bytes_received] =
        static_cast<std::int64_t>(row.summary.bytes_received - row.bytes_received_before);
    return moved;
}

// Makes the table, and returns the database for statements that use it.
SQLite::Database& with_left_open(SQLite::Database& db, const std::string& boot_id) {
    db.exec(make_left_open);
    SQLite::Statement fill(db, fill_left_open);
    bind_all(fill, boot_id);
    fill.exec();
    return db;
}

} // namespace

TrafficWriter::TrafficWriter(SQLite::Database& db, const std::string& boot_id)
    : db_(db), add_left_open_(with_left_open(db, boot_id), add_left_open),
      take_left_open_(db, take_left_open), find_(db, find_connection),
      append_(db, fmt::format(fmt::runtime(append_recent), columns)), recent_(db, recent),
      merge_(db, fmt::format(fmt::runtime(merge_recent), columns)),
      erase_recent_(db, "DELETE FROM traffic_recent") {}

std::int64_t TrafficWriter::write(const BatchPlan& plan, MinuteRows& minutes) {
    const std::int64_t begin_us = plan.committed_us() - plan.committed_us() % day_us;
    const std::size_t count = plan.connections().size();
    sums_.clear();
    for (std::size_t i = 0; i < count; ++i)
        add(plan.connections()[i], plan.is_new(i), minutes);
    append(begin_us);
    return is_merge_due(begin_us, count) ? merge() : 0;
}

void TrafficWriter::add(const ConnectionRow& row, bool is_new, MinuteRows& minutes) {
    const TrafficKey key = key_of(row);
    if (!is_new || row.start_kind != StartKind::seen)
        return change(row, is_new ? std::nullopt : counted(row.id), key, minutes);
    const Amounts amounts = amounts_of(row);
    sum_of(key) += amounts;
    minutes.add(row, key, std::nullopt, amounts, false);
}

void TrafficWriter::change(const ConnectionRow& row, const std::optional<Counted>& before,
                           const TrafficKey& key, MinuteRows& minutes) {
    const bool is_first_summary = row.has_summary && (!before || !before->has_summary);
    Amounts amounts = amounts_of(row);
    const auto by_last =
        is_first_summary ? counted_by_last_recording(row, amounts) : std::optional<Amounts>();
    if (by_last)
        amounts -= *by_last;
    add_to_traffic(before, key, amounts);
    const bool is_base = is_first_summary && row.start_kind == StartKind::preexisting && !by_last;
    Amounts gained = is_base ? moved_since_met(row) : amounts;
    if (before && !is_base)
        gained -= before->amounts;
    minutes.add(row, key, before, gained, by_last && (*by_last)[Count::connections] > 0);
}

// If the connection has another owner than before, all its amounts move to that owner. In the
// minutes they stay, because nobody remembers how much was in which.
void TrafficWriter::add_to_traffic(const std::optional<Counted>& before, const TrafficKey& key,
                                   Amounts amounts) {
    if (before && before->key == key)
        amounts -= before->amounts;
    if (!amounts.nothing())
        sum_of(key) += amounts;
    if (before && before->key != key)
        sum_of(before->key) -= before->amounts;
}

Amounts& TrafficWriter::sum_of(const TrafficKey& key) {
    const bool has_room = sums_.size() < max_keys || sums_.contains(key);
    return sums_[has_room ? key : TrafficKey{}];
}

std::optional<Counted> TrafficWriter::counted(std::int64_t id) {
    bind_all(find_, id);
    if (!find_.executeStep())
        return std::nullopt;
    const auto number = [this](int column) { return find_.getColumn(column).getInt64(); };
    const auto port = [&](int column) { return static_cast<std::uint16_t>(number(column)); };
    const std::uint8_t direction = direction_named(find_.getColumn(5).getString());
    Counted counted{{static_cast<std::uint32_t>(number(0)), find_.getColumn(1).getString(),
                     address_from(find_.getColumn(2).getString()),
                     service_port(direction, port(3), port(4)), direction},
                    {},
                    !find_.getColumn(2).isNull(),
                    0,
                    std::nullopt};
    int column = 6;
    for (auto& count : counted.amounts.counts)
        count = number(column++);
    counted.opened_us = number(column++);
    if (!find_.getColumn(column).isNull())
        counted.closed_us = number(column);
    find_.reset();
    return counted;
}

// What the last recording has counted of a connection that goes on in this one. The kernel goes
// on counting its bytes, while its round trips are counted from 0 again if the recorder was started
// anew.
std::optional<Amounts> TrafficWriter::counted_by_last_recording(const ConnectionRow& row,
                                                                const Amounts& amounts) {
    if (row.start_kind != StartKind::preexisting)
        return std::nullopt;
    bind_all(take_left_open_, static_cast<std::int64_t>(row.summary.event.cookie),
             peer_text(key_of(row).peer_address));
    if (!take_left_open_.executeStep())
        return std::nullopt;
    Amounts again;
    int column = 0;
    for (const Count count : going_on)
        again[count] = std::min(take_left_open_.getColumn(column++).getInt64(), amounts[count]);
    take_left_open_.reset();
    return again;
}

std::vector<LeftOpen> TrafficWriter::left_open(std::int64_t recording_id) {
    std::vector<LeftOpen> rows;
    SQLite::Statement read(db_, read_left_open);
    bind_all(read, recording_id);
    while (read.executeStep()) {
        auto& row = rows.emplace_back(
            LeftOpen{read.getColumn(0).getInt64(), read.getColumn(1).getString(), {}});
        for (int column = 2; auto& count : row.counts)
            count = read.getColumn(column++).getInt64();
    }
    return rows;
}

void TrafficWriter::carry_on(const std::vector<LeftOpen>& left_open) {
    for (const LeftOpen& row : left_open) {
        bind_all(add_left_open_, row.cookie, row.peer_address);
        for (int index = 3; const std::int64_t count : row.counts)
            bind_value(add_left_open_, index++, count);
        add_left_open_.exec();
    }
}

void TrafficWriter::append(std::int64_t begin_us) {
    for (const auto& [key, amounts] : sums_) {
        bind_all(append_, begin_us, key.comm, peer_text(key.peer_address), int{key.service_port},
                 direction_name(key.direction), key.pid ? std::optional(key.pid) : std::nullopt);
        int index = 7;
        for (const std::int64_t count : amounts.counts)
            bind_value(append_, index++, count);
        bind_value(append_, index, amounts.rtt_min_us);
        bind_value(append_, index + 1, amounts.rtt_max_us);
        append_.exec();
    }
}

// The sums of a day are merged when it is over, so that they can be deleted.
bool TrafficWriter::is_merge_due(std::int64_t begin_us, std::size_t connections) {
    recent_.tryReset();
    recent_.executeStep();
    const std::int64_t rows = recent_.getColumn(0).getInt64();
    const bool is_day_over = rows > 0 && recent_.getColumn(1).getInt64() != begin_us;
    recent_.reset();
    return is_day_over || rows >= most_waiting ||
           (rows >= worth_merging && connections <= most_beside_merging);
}

std::int64_t TrafficWriter::merge() {
    bind_all(merge_);
    const std::int64_t rows = merge_.exec();
    bind_all(erase_recent_);
    erase_recent_.exec();
    return rows;
}

} // namespace ctrack
