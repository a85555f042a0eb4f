// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/rows/connection_rows.h"

#include <algorithm>
#include <concepts>
#include <optional>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <sqlite3.h>

#include "common/error.h"
#include "common/stored_text.h"
#include "recorder/fold/names.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

// In the order of the table, as are the values in encode().
constexpr std::string_view columns =
    "id, recording_id, cookie, generation, family, local_address, local_port, peer_address, "
    "peer_port, netns, ifindex, interface, requested_address, requested_port, nat_local_address, "
    "nat_local_port, nat_peer_address, nat_peer_port, direction, process_id, pid_source, "
    "cgroup_id, socket_cgroup_id, uid, "
    "start_kind, opened_us, established_us, closed_us, counters_us, outcome, errno, closed_by, "
    "rtt_min_us, "
    "rtt_max_us, rtt_samples, rtt_sum_us, srtt_us, rtt_deviation_us, kernel_rtt_min_us, "
    "bytes_sent, bytes_received, segs_sent, segs_received, retrans_segs, rtos, "
    "retrans_fast_segs, retrans_tlp_segs, retrans_timeout_segs, retrans_spurious_segs, "
    "busy_us, rwnd_limited_us, sndbuf_limited_us, sent_ago_us, received_ago_us, waits_for, "
    "wait_for_peer_us, wait_for_local_us, "
    "delivery_rate_bps, mss, congestion, ulp, is_untracked, "
    "bytes_sent_before, bytes_received_before, has_intervals";

constexpr std::uint32_t no_rtt_min = 0xffffffff; // the kernel has none

template <class Value> std::optional<Value> only_if(bool known, Value value) {
    return known ? std::optional(value) : std::nullopt;
}

void put(EncodedRow& row, std::nullopt_t) { row.null(); }
void put(EncodedRow& row, std::integral auto value) {
    row.integer(static_cast<std::int64_t>(value));
}
void put(EncodedRow& row, std::string_view text) { row.text(text); }
void put(EncodedRow& row, const char* name) { name ? row.text(name) : row.null(); }
template <class Value> void put(EncodedRow& row, const std::optional<Value>& value) {
    value ? put(row, *value) : row.null();
}

template <class... Values> void put_all(EncodedRow& row, const Values&... values) {
    static_assert(sizeof...(values) == 1 + std::ranges::count(columns, ','));
    row.clear();
    (put(row, values), ...);
}

// Computed from the kernel's last rate sample as the kernel computes tcpi_delivery_rate of
// tcp_info.
std::optional<std::int64_t> delivery_rate_bps(const ctrack_summary& s) {
    if (!s.rate_interval_us)
        return std::nullopt;
    return std::int64_t{s.rate_delivered} * s.mss * 8 * 1'000'000 / s.rate_interval_us;
}

template <std::size_t size> std::optional<std::string> name_in(const char (&place)[size]) {
    return only_if(place[0] != 0, stored_name(place));
}

std::int64_t in_us(std::uint32_t ms) { return std::int64_t{ms} * 1000; }

const char* waiting_for(const ConnectionRow& row) {
    const auto end = row.closed_us ? std::nullopt : waits_for(row.summary);
    return end ? name_of(*end) : nullptr;
}

std::optional<std::string_view> address(AddressText& text, const Address& address, bool known) {
    return known ? std::optional(text.of(address)) : std::nullopt;
}

constexpr Aliases no_aliases{};

std::optional<std::string> text(const Endpoint& end) {
    return end.port ? std::optional(std::string(AddressText().of(end.address))) : std::nullopt;
}

std::optional<std::uint16_t> port(const Endpoint& end) { return only_if(end.port != 0, end.port); }

// Rows are copied whole, so their columns must be in the order of the table.
SQLite::Database& with_our_columns(SQLite::Database& db) {
    SQLite::Statement names(db, "SELECT name FROM pragma_table_info('connections')");
    std::istringstream ours{std::string(columns)};
    for (std::string column; std::getline(ours >> std::ws, column, ',');)
        if (!names.executeStep() || names.getColumn(0).getString() != column)
            throw Error(fmt::format("cannot record into {}: its table connections has other "
                                    "columns than ctrack makes, from {} on: name another file "
                                    "with --db",
                                    db.getFilename(), column));
    return db;
}

constexpr const char* copy_whole =
    "INSERT INTO main.connections SELECT * FROM incoming.connections";

std::string copy_values(const char* from) {
    return fmt::format("REPLACE INTO main.connections ({0}) SELECT {0} FROM {1}.connections",
                       columns, from);
}

// query/sql/window.sql and find_connections.sql have the same number.
constexpr std::int64_t long_us = 600'000'000;

// Whether a report must look for the connection, which has ended, apart from its batch.
bool is_long(const ConnectionRow& row) {
    return row.off_batch || *row.closed_us - row.opened_us > long_us;
}

} // namespace

ConnectionRows::ConnectionRows(SQLite::Database& db)
    : db_(with_our_columns(db)), known_(db, "known", "connections"),
      new_(db, "incoming", "connections"), replace_known_(db, copy_values("known")),
      add_open_(db, "INSERT OR IGNORE INTO long_connections VALUES (?, NULL)"),
      add_closed_(db, "REPLACE INTO long_connections VALUES (?, ?)"),
      erase_(db, "DELETE FROM long_connections WHERE connection_id = ?") {}

// SQLite stores the id as the key of the row and not among its values.
void ConnectionRows::encode(const ConnectionRow& row, const OwnerRows& owner,
                            std::int64_t recording_id) {
    const ctrack_summary& s = row.summary;
    const Aliases& others = row.aliases ? *row.aliases : no_aliases;
    const bool known = row.has_summary, has_rtt = s.rtt_samples > 0;
    put_all(row_, std::nullopt, recording_id, s.event.cookie, s.event.generation,
            only_if(known, is_ipv4(s.peer_address) ? 4 : 6),
            address(local_, s.local_address, is_chosen(s.local_address)),
            only_if(s.local_port != 0, s.local_port), address(peer_, s.peer_address, known),
            only_if(known, s.peer_port), only_if(known, s.netns),
            only_if(s.ifindex != 0, s.ifindex), name_in(s.interface), text(others.requested),
            port(others.requested), text(others.nat_local), port(others.nat_local),
            text(others.nat_peer), port(others.nat_peer), direction_name(s.direction),
            owner.process_id, pid_source_name(s.pid_source), owner.cgroup_id,
            only_if(owner.socket_cgroup_id != owner.cgroup_id, owner.socket_cgroup_id),
            only_if(known, s.uid), name_of(row.start_kind), row.opened_us, row.established_us,
            row.closed_us, only_if(known && !row.closed_us, row.counters_us),
            name_of(row.ending.outcome), row.closed_us ? s.event.value : 0,
            name_of(row.ending.closed_by), only_if(has_rtt, s.rtt_min_us),
            only_if(has_rtt, s.rtt_max_us), s.rtt_samples, s.rtt_sum_us,
            only_if(s.srtt_us != 0, s.srtt_us), only_if(s.srtt_us != 0, s.rtt_deviation_us),
            only_if(s.srtt_us != 0 && s.kernel_rtt_min_us != no_rtt_min, s.kernel_rtt_min_us),
            s.bytes_sent, s.bytes_received, s.segs_sent, s.segs_received, s.retrans_segs, s.rtos,
            s.retrans_fast_segs, s.retrans_tlp_segs, s.retrans_timeout_segs,
            s.retrans_spurious_segs, in_us(s.busy_ms), in_us(s.rwnd_limited_ms),
            in_us(s.sndbuf_limited_ms), only_if(s.bytes_sent != 0, in_us(s.sent_ago_ms)),
            only_if(s.bytes_received != 0, in_us(s.received_ago_ms)), waiting_for(row),
            in_us(row.waits.for_peer_ms), in_us(row.waits.for_local_ms), delivery_rate_bps(s),
            only_if(s.mss != 0, s.mss), name_in(s.congestion), name_in(s.ulp), s.untracked,
            row.bytes_sent_before, row.bytes_received_before, row.has_intervals);
}

void ConnectionRows::show(IncomingTable& table, const BatchPlan& plan, std::size_t first,
                          std::size_t end) {
    table.clear();
    for (std::size_t i = first; i < end; ++i) {
        const ConnectionRow& row = plan.connections()[i];
        encode(row, plan.owner(i), plan.recording_id());
        table.add(row.id, row_);
    }
    table.show();
}

void ConnectionRows::write(const BatchPlan& plan) {
    show(known_, plan, 0, plan.first_new());
    show(new_, plan, plan.first_new(), plan.connections().size());
    bind_all(replace_known_);
    replace_known_.exec();
    insert_new();
    for (std::size_t i = 0; i < plan.connections().size(); ++i)
        note_if_long(plan.connections()[i], plan.is_new(i));
}

// Copying whole rows fails if somebody has given the table another column since we began, or an
// index that makes more than the id unique. Then the values are copied one by one, by name.
void ConnectionRows::insert_new() {
    const int result = db_.tryExec(copy_whole);
    if (result == SQLITE_ERROR || result == SQLITE_CONSTRAINT)
        db_.exec(copy_values("incoming"));
    else if (result != SQLITE_OK)
        throw SQLite::Exception(db_.getHandle(), result);
}

// A connection that is not new was open at an earlier commit, so the table has it. In a file that
// replaces a damaged one, it may have an id below the first ones.
void ConnectionRows::note_if_long(const ConnectionRow& row, bool is_new) {
    const auto run = [](SQLite::Statement& statement, auto... values) {
        bind_all(statement, values...);
        statement.exec();
    };
    if (!row.closed_us && (is_new || row.off_batch))
        run(add_open_, row.id);
    else if (row.closed_us && is_long(row))
        run(add_closed_, row.id, *row.closed_us);
    else if (row.closed_us && !is_new)
        run(erase_, row.id);
}

} // namespace ctrack
