// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/old_connections.h"

#include <utility>

#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr std::size_t most_lost = 65'536;

// A connection that was open when its recording ended counts as ended then.
constexpr const char* connections_after = R"sql(
SELECT c.id, c.recording_id, c.opened_us, coalesce(c.closed_us, r.ended_us), c.outcome = 'lost'
FROM connections c JOIN recordings r ON r.id = c.recording_id
WHERE c.id > ? ORDER BY c.id LIMIT ?)sql";

constexpr const char* listeners_after = R"sql(
SELECT l.id, l.recording_id, coalesce(l.closed_us, r.ended_us)
FROM listeners l JOIN recordings r ON r.id = l.recording_id
WHERE l.id > ? ORDER BY l.id LIMIT ?)sql";

// Reports find connections by their batch, so a batch stays as long as one of its connections.
constexpr const char* batches_after = R"sql(
SELECT id, committed_us, EXISTS (SELECT * FROM connections
                                 WHERE id BETWEEN first_connection_id AND last_connection_id)
FROM batches
WHERE id > ?1 AND id < ?2 AND id < (SELECT max(id) FROM batches) ORDER BY id LIMIT ?3)sql";

std::optional<std::int64_t> number(SQLite::Statement& row, int column) {
    const auto value = row.getColumn(column);
    return value.isNull() ? std::nullopt : std::optional(value.getInt64());
}

void erase_row(SQLite::Statement& statement, std::int64_t id) {
    bind_all(statement, id);
    statement.exec();
}

} // namespace

OldConnections::OldConnections(SQLite::Database& db)
    : connections_(db, connections_after),
      erase_connection_(db, "DELETE FROM connections WHERE id = ?"),
      erase_long_connection_(db, "DELETE FROM long_connections WHERE connection_id = ?"),
      listeners_(db, listeners_after), erase_listener_(db, "DELETE FROM listeners WHERE id = ?"),
      batches_(db, batches_after), erase_batch_(db, "DELETE FROM batches WHERE id = ?") {}

std::int64_t OldConnections::erase(std::int64_t most_rows, const DeletionBounds& bounds) {
    std::int64_t rows = erase_connections(most_rows, bounds);
    if (swept())
        rows += erase_listeners(most_rows, bounds) + erase_batches(most_rows, bounds);
    return rows;
}

// When the connection of the current row ended, as far as the file says or we remember.
std::optional<std::int64_t> OldConnections::ended_us(const DeletionBounds& bounds) {
    const auto ended = number(connections_, 3);
    if (ended || !number(connections_, 4).value())
        return ended;
    const std::int64_t id = number(connections_, 0).value();
    if (lost_.size() < most_lost)
        lost_.try_emplace(id, bounds.now_us);
    const auto met = lost_.find(id);
    return met == lost_.end() ? std::nullopt : std::optional(met->second);
}

bool OldConnections::is_due(const DeletionBounds& bounds) {
    const auto ended = ended_us(bounds);
    if (!ended || !bounds.are_past(number(connections_, 1).value(), *ended))
        return false;
    deleted_.add(1, *ended);
    return true;
}

std::int64_t OldConnections::erase_connections(std::int64_t most_rows,
                                               const DeletionBounds& bounds) {
    bind_all(connections_, connection_, most_rows);
    std::int64_t looked_at = 0, rows = 0;
    for (; connections_.executeStep(); ++looked_at) {
        // Ids ascend with the time of opening, so no later row can be deleted.
        if (!bounds.are_past(number(connections_, 1).value(), number(connections_, 2).value()))
            break;
        connection_ = number(connections_, 0).value();
        if (!is_due(bounds))
            continue;
        erase_row(erase_long_connection_, connection_);
        erase_row(erase_connection_, connection_);
        lost_.erase(connection_);
        ++rows;
    }
    connections_.reset();
    if (looked_at < most_rows)
        connection_ = 0;
    erased_connections_ += rows;
    return rows;
}

std::int64_t OldConnections::erase_listeners(std::int64_t most_rows, const DeletionBounds& bounds) {
    bind_all(listeners_, listener_, most_rows);
    std::int64_t looked_at = 0, rows = 0;
    for (; listeners_.executeStep(); ++looked_at) {
        listener_ = number(listeners_, 0).value();
        const auto ended = number(listeners_, 2);
        if (!ended || !bounds.are_past(number(listeners_, 1).value(), *ended))
            continue;
        erase_row(erase_listener_, listener_);
        deleted_.add(1, *ended);
        ++rows;
    }
    listeners_.reset();
    if (looked_at < most_rows)
        listener_ = 0;
    return rows;
}

std::int64_t OldConnections::erase_batches(std::int64_t most_rows, const DeletionBounds& bounds) {
    bind_all(batches_, batch_, bounds.first_batch, most_rows);
    std::int64_t looked_at = 0, rows = 0;
    for (; batches_.executeStep(); ++looked_at) {
        const std::int64_t committed_us = number(batches_, 1).value();
        if (committed_us >= bounds.before_us)
            break;
        batch_ = number(batches_, 0).value();
        if (number(batches_, 2).value())
            continue;
        erase_row(erase_batch_, batch_);
        deleted_.add(1, committed_us);
        ++rows;
    }
    batches_.reset();
    if (looked_at < most_rows)
        batch_ = 0;
    return rows;
}

Deleted OldConnections::take_deleted() { return std::exchange(deleted_, {}); }

} // namespace ctrack
