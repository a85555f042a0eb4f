// SPDX-License-Identifier: Apache-2.0
#include "recorder/traffic_writer.h"

#include <algorithm>
#include <cmath>

#include <arpa/inet.h>

#include "recorder/connection_sql.h"
#include "recorder/sql_bind.h"

namespace ctrack {

namespace {

constexpr std::int64_t day_us = 86'400'000'000;
// By then a recording has met all that was open when it began.
constexpr std::int64_t adoption_us = 60'000'000;

constexpr const char* find_connection = R"sql(
SELECT process_id, peer_address, local_port, peer_port, direction, start_kind, outcome,
       bytes_sent, bytes_received, retrans_segs, rtt_samples, rtt_avg_us
FROM connections WHERE id = ?)sql";

constexpr const char* insert_recent = R"sql(
INSERT INTO traffic_recent (begin_us, process_id, peer_address, service_port, direction,
  connections, opened, closed, refused, timeout, unreachable, reset, aborted, lost,
  bytes_sent, bytes_received, retrans_segs, rtt_samples, rtt_sum_us, rtt_min_us, rtt_max_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

// The newest row of each socket.
constexpr const char* find_left_open = R"sql(
SELECT c.cookie, max(c.id) FROM connections c JOIN recordings r ON r.id = c.recording_id
WHERE c.closed_us IS NULL AND r.boot_id = ? GROUP BY c.cookie ORDER BY c.cookie)sql";

constexpr std::array directions{"unknown", "active", "passive"}; // by enum ctrack_direction

std::uint8_t direction_named(const std::string& name) {
    const auto found = std::find(directions.begin(), directions.end(), name);
    return static_cast<std::uint8_t>(found == directions.end() ? 0 : found - directions.begin());
}

Outcome outcome_named(const std::string& name) {
    for (auto number = static_cast<int>(Outcome::lost); number > 0; --number)
        if (name == name_of(static_cast<Outcome>(number)))
            return static_cast<Outcome>(number);
    return Outcome::open;
}

std::vector<std::pair<std::int64_t, std::int64_t>> left_open(SQLite::Database& db,
                                                             const std::string& boot_id) {
    std::vector<std::pair<std::int64_t, std::int64_t>> found;
    SQLite::Statement rows(db, find_left_open);
    rows.bind(1, boot_id);
    while (rows.executeStep())
        found.emplace_back(rows.getColumn(0).getInt64(), rows.getColumn(1).getInt64());
    return found;
}

std::array<unsigned char, 16> address_from(const std::string& text) {
    std::array<unsigned char, 16> address{};
    if (text.find(':') == std::string::npos && !text.empty())
        inet_pton(AF_INET6, ("::ffff:" + text).c_str(), address.data());
    else
        inet_pton(AF_INET6, text.c_str(), address.data());
    return address;
}

std::string address_to_text(const std::array<unsigned char, 16>& address) {
    if (address == std::array<unsigned char, 16>{})
        return "";
    unsigned char bytes[16];
    std::copy(address.begin(), address.end(), bytes);
    return address_text(bytes);
}

} // namespace

TrafficWriter::TrafficWriter(SQLite::Database& db, const std::string& boot_id)
    : find_(db, find_connection), insert_(db, insert_recent), merge_(db),
      last_id_(db.execAndGet("SELECT coalesce(max(id), 0) FROM connections").getInt64()),
      left_open_(left_open(db, boot_id)) {}

void TrafficWriter::write(const Batch& batch, std::int64_t committed_us, ProcessIds& processes) {
    sums_.clear();
    for (const auto& row : batch.connections)
        add(row, processes.id_of(row.summary.owner));
    for (const auto& row : batch.connections)
        last_id_ = std::max(last_id_, row.id);
    append(committed_us);
    merge_.step(static_cast<std::int64_t>(sums_.all().size()));
    forget_left_open(committed_us);
}

void TrafficWriter::add(const ConnectionRow& row, std::int64_t process_id) {
    const TrafficKey key = key_of(row, process_id);
    const Amounts amounts = amounts_of(row);
    if (row.id > last_id_ && row.start_kind == StartKind::seen)
        return sums_.add(key, amounts);
    add_change(row, key, amounts);
}

// Those of another owner than before move to it, all of them.
void TrafficWriter::add_change(const ConnectionRow& row, const TrafficKey& key,
                               const Amounts& amounts) {
    const auto before = row.id > last_id_ ? std::nullopt : counted(row.id);
    Amounts change = amounts;
    if (before && before->key == key)
        change -= before->amounts;
    if (!before || !before->has_summary)
        change -= counted_by_last_recording(row, amounts);
    if (!change.nothing())
        sums_.add(key, change);
    if (before && before->key != key)
        sums_.subtract(before->key, before->amounts);
}

std::optional<TrafficWriter::Counted> TrafficWriter::counted(std::int64_t id) {
    bind_all(find_, id);
    const auto found =
        find_.executeStep() ? std::optional(row_counted()) : std::optional<Counted>();
    find_.reset();
    return found;
}

TrafficWriter::Counted TrafficWriter::row_counted() {
    const auto port = [this](int column) {
        return static_cast<std::uint16_t>(find_.getColumn(column).getInt());
    };
    const std::uint8_t direction = direction_named(find_.getColumn(4).getString());
    const TrafficKey key{.process_id = find_.getColumn(0).getInt64(),
                         .peer_address = address_from(find_.getColumn(1).getString()),
                         .service_port = service_port(direction, port(2), port(3)),
                         .direction = direction};
    return {key, amounts_counted(), !find_.getColumn(1).isNull()};
}

// The sum of the round trips is what their average was made of.
Amounts TrafficWriter::amounts_counted() {
    const auto number = [this](int column) { return find_.getColumn(column).getInt64(); };
    Amounts amounts;
    amounts[Count::connections] = 1;
    amounts[Count::opened] = find_.getColumn(5).getString() == "seen";
    amounts.add_end(outcome_named(find_.getColumn(6).getString()));
    amounts[Count::bytes_sent] = number(7);
    amounts[Count::bytes_received] = number(8);
    amounts[Count::retrans_segs] = number(9);
    amounts[Count::rtt_samples] = number(10);
    amounts[Count::rtt_sum_us] = std::llround(find_.getColumn(11).getDouble() *
                                              static_cast<double>(number(10)));
    return amounts;
}

// Of one that goes on while the recorder was started anew. The kernel's counters go on as
// well; those of the round trips began anew.
Amounts TrafficWriter::counted_by_last_recording(const ConnectionRow& row,
                                                 const Amounts& amounts) {
    if (row.start_kind != StartKind::preexisting || !row.has_summary)
        return {};
    const auto cookie = static_cast<std::int64_t>(row.summary.event.cookie);
    const auto left = std::lower_bound(left_open_.begin(), left_open_.end(),
                                       CookieAndId{cookie, 0});
    const auto before = left != left_open_.end() && left->first == cookie && left->second != row.id
                            ? counted(left->second)
                            : std::nullopt;
    if (!before || before->key.peer_address != key_of(row, 0).peer_address)
        return {};
    Amounts again;
    for (const Count count : {Count::connections, Count::bytes_sent, Count::bytes_received,
                              Count::retrans_segs})
        again[count] = std::min(before->amounts[count], amounts[count]);
    return again;
}

void TrafficWriter::forget_left_open(std::int64_t committed_us) {
    if (forget_us_ == 0)
        forget_us_ = committed_us + adoption_us;
    if (committed_us > forget_us_)
        left_open_ = {};
}

void TrafficWriter::append(std::int64_t committed_us) {
    for (const auto& [key, amounts] : sums_.all())
        append_row(committed_us - committed_us % day_us, key, amounts);
}

void TrafficWriter::append_row(std::int64_t begin_us, const TrafficKey& key,
                               const Amounts& amounts) {
    bind_all(insert_, begin_us, key.process_id, address_to_text(key.peer_address),
             int{key.service_port}, directions.at(key.direction));
    int index = 5;
    for (const std::int64_t count : amounts.counts)
        bind_value(insert_, ++index, count);
    bind_value(insert_, ++index, amounts.rtt_min_us);
    bind_value(insert_, ++index, amounts.rtt_max_us);
    insert_.exec();
}

} // namespace ctrack
