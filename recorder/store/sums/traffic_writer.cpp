// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sums/traffic_writer.h"

#include <algorithm>

#include "recorder/fold/names.h"
#include "recorder/host/process_info.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr std::int64_t day_us = 86'400'000'000;
// Merging so many rows takes some 10 ms.
constexpr std::size_t worth_merging = 8192;
// A commit of more connections leaves no room in the log for the pages of a merge, which then
// waits for the next commit.
constexpr std::size_t most_beside_merging = 32'768;

constexpr const char* find_connection = R"sql(
SELECT process_id, peer_address, local_port, peer_port, direction, start_kind, outcome,
       bytes_sent, bytes_received, retrans_segs, rtt_samples, rtt_sum_us
FROM connections WHERE id = ?)sql";

constexpr const char* find_process = "SELECT comm, pid FROM processes WHERE id = ?";

Outcome outcome_named(const std::string& name) {
    for (auto number = static_cast<int>(Outcome::lost); number > 0; --number)
        if (name == name_of(static_cast<Outcome>(number)))
            return static_cast<Outcome>(number);
    return Outcome::open;
}

} // namespace

TrafficWriter::TrafficWriter(SQLite::Database& db, const LeftOpen& left_open)
    : find_(db, find_connection), find_owner_(db, find_process), recent_(db), merge_(db),
      left_open_(left_open) {}

std::int64_t TrafficWriter::write(const BatchPlan& plan) {
    const std::int64_t begin_us = plan.committed_us() - plan.committed_us() % day_us;
    const std::size_t count = plan.connections().size();
    std::int64_t rows = merge_if(recent_.begin_us() != begin_us);
    for (std::size_t i = 0; i < count; ++i)
        add(plan.connections()[i], plan.is_new(i), plan.owner(i).process_id);
    recent_.write(begin_us);
    rows += merge_if(recent_.sums().size() >= worth_merging && count <= most_beside_merging);
    return rows;
}

std::int64_t TrafficWriter::merge_if(bool due) {
    if (!due || recent_.sums().empty())
        return 0;
    const std::int64_t rows = merge_.merge(recent_);
    recent_.erase();
    return rows;
}

void TrafficWriter::add(const ConnectionRow& row, bool is_new, std::int64_t process_id) {
    const TrafficKey key = key_of(row, process_id);
    const Amounts amounts = amounts_of(row);
    if (is_new && row.start_kind == StartKind::seen)
        sum_of(key, row) += amounts;
    else
        change(row, is_new ? std::nullopt : counted(row.id), key, amounts);
}

Amounts& TrafficWriter::sum_of(const TrafficKey& key, const ConnectionRow& row) {
    return recent_.of(key, [&]() -> TrafficOwner {
        return {comm_of(row.summary.owner), row.summary.owner.pid};
    });
}

// If the connection has another owner than before, all its amounts move to that owner.
void TrafficWriter::change(const ConnectionRow& row, const std::optional<Counted>& before,
                           const TrafficKey& key, const Amounts& amounts) {
    Amounts change = amounts;
    if (before && before->key == key)
        change -= before->amounts;
    if (!before || !before->has_summary)
        change -= counted_by_last_recording(row, amounts);
    if (!change.nothing())
        sum_of(key, row) += change;
    if (before && before->key != key)
        move_away(*before);
}

void TrafficWriter::move_away(const Counted& before) {
    recent_.of(before.key, [&] { return find_owner(before.key.process_id); }) -= before.amounts;
}

TrafficOwner TrafficWriter::find_owner(std::int64_t process_id) {
    bind_all(find_owner_, process_id);
    TrafficOwner owner;
    if (find_owner_.executeStep())
        owner = {find_owner_.getColumn(0).getString(), find_owner_.getColumn(1).getInt64()};
    find_owner_.reset();
    return owner;
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
                         .peer_address = peer_address_from(find_.getColumn(1).getString()),
                         .service_port = service_port(direction, port(2), port(3)),
                         .direction = direction};
    return {key, amounts_counted(), !find_.getColumn(1).isNull()};
}

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
    amounts[Count::rtt_sum_us] = number(11);
    return amounts;
}

// What the last recording has counted of a connection that goes on in this one. The kernel goes
// on counting its bytes, while its round trips are counted from 0 again.
Amounts TrafficWriter::counted_by_last_recording(const ConnectionRow& row, const Amounts& amounts) {
    if (row.start_kind != StartKind::preexisting || !row.has_summary)
        return {};
    const auto* left = left_open_.find(static_cast<std::int64_t>(row.summary.event.cookie));
    if (!left || left->peer_address != key_of(row, 0).peer_address)
        return {};
    Amounts again;
    again[Count::connections] = 1;
    again[Count::bytes_sent] = std::min(left->bytes_sent, amounts[Count::bytes_sent]);
    again[Count::bytes_received] = std::min(left->bytes_received, amounts[Count::bytes_received]);
    again[Count::retrans_segs] = std::min(left->retrans_segs, amounts[Count::retrans_segs]);
    return again;
}

} // namespace ctrack
