// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection_blocks.h"

#include <algorithm>
#include <unordered_set>

#include "recorder/sql_bind.h"

namespace ctrack {

namespace {

constexpr std::size_t most_known = 4096;

constexpr const char* widen = R"sql(
INSERT INTO connection_blocks VALUES (?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  first_opened_us = min(first_opened_us, excluded.first_opened_us),
  last_opened_us = max(last_opened_us, excluded.last_opened_us))sql";

} // namespace

ConnectionBlocks::ConnectionBlocks(SQLite::Database& db) : widen_(db, widen) {}

void ConnectionBlocks::write(const Batch& batch) {
    std::unordered_set<std::int64_t> wider;
    for (const auto& row : batch.connections)
        if (add(row.id / ids, row.opened_us))
            wider.insert(row.id / ids);
    for (const std::int64_t block : wider) {
        bind_all(widen_, block, written_[block].first_us, written_[block].last_us);
        widen_.exec();
    }
    if (written_.size() > most_known)
        written_.clear();
}

// Whether what the file says of the block has to change.
bool ConnectionBlocks::add(std::int64_t block, std::int64_t opened_us) {
    const auto [known, is_new] = written_.try_emplace(block, Span{opened_us, opened_us});
    Span& span = known->second;
    const Span before = span;
    span = {std::min(span.first_us, opened_us), std::max(span.last_us, opened_us)};
    return is_new || span.first_us < before.first_us || span.last_us > before.last_us;
}

} // namespace ctrack
