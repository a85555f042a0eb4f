// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/old_connections.h"

#include <algorithm>

namespace ctrack {

namespace {

constexpr std::size_t most_lost = 65'536;

// A connection that was open when its recording ended counts as ended then.
constexpr const char* connections_after = R"sql(
SELECT c.id, c.recording_id, c.opened_us, coalesce(c.closed_us, r.ended_us), c.outcome = 'lost'
FROM connections c JOIN recordings r ON r.id = c.recording_id
WHERE c.id > ? ORDER BY c.id LIMIT ?)sql";

constexpr const char* listeners_after = R"sql(
SELECT l.id, l.recording_id, l.opened_us, coalesce(l.closed_us, r.ended_us), 0
FROM listeners l JOIN recordings r ON r.id = l.recording_id
WHERE l.id > ? ORDER BY l.id LIMIT ?)sql";

// Reports find connections by their batch, so a batch stays as long as one of its connections.
constexpr const char* batches_after = R"sql(
SELECT id, recording_id, committed_us,
  iif(first_event_id IS NULL AND first_rtt_sample_id IS NULL AND first_interval_id IS NULL
        AND NOT EXISTS (SELECT * FROM connections WHERE id BETWEEN first_connection_id AND last_connection_id),
      committed_us, NULL), 0
FROM batches WHERE id > ? AND id < (SELECT max(id) FROM batches) ORDER BY id LIMIT ?)sql";

} // namespace

OldConnections::Table::Table(SQLite::Database& db, const char* rows_after,
                             std::vector<const char*> erase_row)
    : rows(db, rows_after) {
    for (const char* sql : erase_row)
        erase.emplace_back(db, sql);
}

// When the current row's connection, listener or batch ended, as far as the file says or we
// remember.
std::optional<std::int64_t> OldConnections::Table::ended_us(std::int64_t now_us) {
    if (!rows.getColumn(3).isNull())
        return rows.getColumn(3).getInt64();
    if (!rows.getColumn(4).getInt())
        return std::nullopt;
    if (lost.size() < most_lost)
        lost.try_emplace(reached, now_us);
    const auto met = lost.find(reached);
    return met == lost.end() ? std::nullopt : std::optional(met->second);
}

void OldConnections::Table::erase_row() {
    for (SQLite::Statement& statement : erase) {
        bind_all(statement, reached);
        statement.exec();
    }
    lost.erase(reached);
}

OldConnections::OldConnections(SQLite::Database& db)
    : connections_(db, connections_after,
                   {"DELETE FROM long_connections WHERE connection_id = ?",
                    "DELETE FROM connections WHERE id = ?"}),
      listeners_(db, listeners_after, {"DELETE FROM listeners WHERE id = ?"}),
      batches_(db, batches_after, {"DELETE FROM batches WHERE id = ?"}), pressure_(db),
      note_(db, "connections") {}

std::int64_t OldConnections::erase(std::int64_t most_rows, const DeletionBounds& bounds) {
    const std::int64_t connections = sweep(connections_, most_rows, bounds);
    erased_connections_ += connections;
    if (!swept())
        return connections;
    const std::int64_t pressure = pressure_.erase(most_rows, bounds.remainder, bounds.before_us);
    // A listener goes after the last row that names it.
    const std::int64_t listeners = pressure < most_rows ? sweep(listeners_, most_rows, bounds) : 0;
    return connections + pressure + listeners + sweep(batches_, most_rows, bounds);
}

std::int64_t OldConnections::sweep(Table& table, std::int64_t most_rows,
                                   const DeletionBounds& bounds) {
    bind_all(table.rows, table.reached, most_rows);
    const auto number = [&](int column) { return table.rows.getColumn(column).getInt64(); };
    std::int64_t looked_at = 0, erased = 0, last_end_us = 0;
    for (; table.rows.executeStep(); ++looked_at) {
        // Ids ascend with time, so no later row can be deleted.
        if (!bounds.are_past({number(1), number(2)}))
            break;
        table.reached = number(0);
        const auto end_us = table.ended_us(bounds.now_us);
        if (!end_us || !bounds.are_past({number(1), *end_us}))
            continue;
        table.erase_row();
        last_end_us = std::max(last_end_us, *end_us);
        ++erased;
    }
    table.rows.reset();
    if (looked_at < most_rows)
        table.reached = 0;
    note_.add(erased, last_end_us);
    return erased;
}

} // namespace ctrack
