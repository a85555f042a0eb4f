// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection_rows.h"

#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "recorder/sql_names.h"

namespace ctrack {

namespace {

// All that a column may need.
struct Source {
    const ConnectionRow& row;
    const ctrack_summary& summary;
    const OwnerRows& owner;
    std::int64_t recording_id;
    AddressText& local;
    AddressText& peer;

    bool known() const { return row.has_summary; }
    bool has_rtt() const { return summary.rtt_samples > 0; }
};

/// A value for SQLite; not giving one is NULL.
class Cell {
public:
    explicit Cell(sqlite3_context* context) : context_(context) {}

    template <class Integer> void integer(Integer value) {
        sqlite3_result_int64(context_, static_cast<std::int64_t>(value));
    }
    void real(double value) { sqlite3_result_double(context_, value); }
    void text(std::string_view text) { // SQLite keeps the pointer until the row is written
        sqlite3_result_text(context_, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    }
    void integer_if(bool known, std::uint32_t value) {
        if (known)
            integer(value);
    }
    void integer_if(const std::optional<std::int64_t>& value) {
        if (value)
            integer(*value);
    }
    void text_if(const char* name) {
        if (name)
            text(name);
    }

private:
    sqlite3_context* context_;
};

void connect_us(Cell cell, const Source& of) {
    if (of.summary.direction == CTRACK_ACTIVE && of.row.established_us)
        cell.integer(*of.row.established_us - of.row.opened_us);
}

void duration_us(Cell cell, const Source& of) {
    if (of.row.closed_us)
        cell.integer(*of.row.closed_us - of.row.opened_us);
}

void rtt_avg_us(Cell cell, const Source& of) {
    const auto& s = of.summary;
    if (of.has_rtt())
        cell.real(static_cast<double>(s.rtt_sum_us) / static_cast<double>(s.rtt_samples));
}

// The kernel's last rate sample, as tcp_info's tcpi_delivery_rate is made of it.
void delivery_rate_bps(Cell cell, const Source& of) {
    const auto& s = of.summary;
    if (s.rate_interval_us)
        cell.integer(std::int64_t{s.rate_delivered} * s.mss * 8 * 1'000'000 / s.rate_interval_us);
}

void local_address(Cell cell, const Source& of) {
    if (is_chosen(of.summary.local_address))
        cell.text(of.local.of(of.summary.local_address));
}

void peer_address(Cell cell, const Source& of) {
    if (of.known())
        cell.text(of.peer.of(of.summary.peer_address));
}

void congestion(Cell cell, const Source& of) {
    const auto& name = of.summary.congestion;
    if (name[0])
        cell.text({name, strnlen(name, sizeof name)});
}

struct Column {
    const char* name;
    void (*give)(Cell, const Source&);
};

using Of = const Source&;

// In the order of the SQL table, so that SQLite need not move them.
constexpr Column columns[] = {
    {"id", [](Cell cell, Of of) { cell.integer(of.row.id); }},
    {"recording_id", [](Cell cell, Of of) { cell.integer(of.recording_id); }},
    {"cookie", [](Cell cell, Of of) { cell.integer(of.summary.event.cookie); }},
    {"generation", [](Cell cell, Of of) { cell.integer(of.summary.event.generation); }},
    {"family",
     [](Cell cell, Of of) {
         cell.integer_if(of.known(), is_ipv4(of.summary.peer_address) ? 4 : 6);
     }},
    {"local_address", local_address},
    {"local_port",
     [](Cell cell, Of of) { cell.integer_if(of.summary.local_port != 0, of.summary.local_port); }},
    {"peer_address", peer_address},
    {"peer_port", [](Cell cell, Of of) { cell.integer_if(of.known(), of.summary.peer_port); }},
    {"netns", [](Cell cell, Of of) { cell.integer_if(of.known(), of.summary.netns); }},
    {"direction", [](Cell cell, Of of) { cell.text_if(direction_name(of.summary.direction)); }},
    {"process_id", [](Cell cell, Of of) { cell.integer(of.owner.process_id); }},
    {"pid_source", [](Cell cell, Of of) { cell.text_if(pid_source_name(of.summary.pid_source)); }},
    {"cgroup_id", [](Cell cell, Of of) { cell.integer(of.owner.cgroup_id); }},
    {"uid", [](Cell cell, Of of) { cell.integer_if(of.known(), of.summary.owner.uid); }},
    {"start_kind", [](Cell cell, Of of) { cell.text_if(name_of(of.row.start_kind)); }},
    {"opened_us", [](Cell cell, Of of) { cell.integer(of.row.opened_us); }},
    {"established_us", [](Cell cell, Of of) { cell.integer_if(of.row.established_us); }},
    {"closed_us", [](Cell cell, Of of) { cell.integer_if(of.row.closed_us); }},
    {"connect_us", connect_us},
    {"duration_us", duration_us},
    {"outcome", [](Cell cell, Of of) { cell.text_if(name_of(of.row.ending.outcome)); }},
    {"errno",
     [](Cell cell, Of of) { cell.integer(of.row.closed_us ? of.summary.event.value : 0U); }},
    {"closed_by", [](Cell cell, Of of) { cell.text_if(name_of(of.row.ending.closed_by)); }},
    {"rtt_min_us", [](Cell cell, Of of) { cell.integer_if(of.has_rtt(), of.summary.rtt_min_us); }},
    {"rtt_avg_us", rtt_avg_us},
    {"rtt_max_us", [](Cell cell, Of of) { cell.integer_if(of.has_rtt(), of.summary.rtt_max_us); }},
    {"rtt_samples", [](Cell cell, Of of) { cell.integer(of.summary.rtt_samples); }},
    {"bytes_sent", [](Cell cell, Of of) { cell.integer(of.summary.bytes_sent); }},
    {"bytes_received", [](Cell cell, Of of) { cell.integer(of.summary.bytes_received); }},
    {"segs_sent", [](Cell cell, Of of) { cell.integer(of.summary.segs_sent); }},
    {"segs_received", [](Cell cell, Of of) { cell.integer(of.summary.segs_received); }},
    {"retrans_segs", [](Cell cell, Of of) { cell.integer(of.summary.retrans_segs); }},
    {"rtos", [](Cell cell, Of of) { cell.integer(of.summary.rtos); }},
    {"delivery_rate_bps", delivery_rate_bps},
    {"mss", [](Cell cell, Of of) { cell.integer_if(of.summary.mss != 0, of.summary.mss); }},
    {"congestion", congestion},
};

std::string column_names() {
    std::string names;
    for (const Column& column : columns)
        names += (names.empty() ? "" : ", ") + std::string(column.name);
    return names;
}

} // namespace

ConnectionRows::ConnectionRows(sqlite3* db)
    : table_(db, "connection_rows", "CREATE TABLE x(" + column_names() + ")", *this) {}

std::string ConnectionRows::replace_sql() {
    return fmt::format("REPLACE INTO connections ({0}) SELECT {0} FROM connection_rows",
                       column_names());
}

void ConnectionRows::show(std::span<const ConnectionRow> rows, std::span<const OwnerRows> owners,
                          std::int64_t recording_id) {
    rows_ = rows;
    owners_ = owners;
    recording_id_ = recording_id;
}

void ConnectionRows::give(sqlite3_context* context, std::size_t row, int column) const {
    columns[column].give(Cell(context), {rows_[row], rows_[row].summary, owners_[row],
                                         recording_id_, local_, peer_});
}

} // namespace ctrack
