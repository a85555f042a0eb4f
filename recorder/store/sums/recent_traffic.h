// SPDX-License-Identifier: Apache-2.0
//
// The table traffic_recent and a copy of it in memory: what connections have added since
// traffic_sums was last written. Where there are many peers, the rows of one commit belong to
// places all over traffic_sums, and each would change a page of its own. In traffic_recent they
// lie close together. Some thousand of them are then added to traffic_sums at once, in the order
// of its key, which costs a tenth.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/sums/traffic_sums.h"

namespace ctrack {

/// The process that moved the bytes, as traffic_sums names it.
struct TrafficOwner {
    std::string comm; ///< "" if the process is not known
    std::optional<std::int64_t> pid;
};

struct RecentSum {
    std::int64_t id; ///< the id of its row in traffic_recent
    TrafficOwner owner;
    std::string peer_address; ///< as the table has it; "" if it is not known
    Amounts amounts;
    bool changed;
};

class RecentTraffic {
public:
    using Sums = std::unordered_map<TrafficKey, RecentSum, TrafficKeyHash>;

    /// Reads the table.
    explicit RecentTraffic(SQLite::Database& db);

    /// The amounts of this key, for the caller to add to. If the key is new, owner() is called: it
    /// returns the TrafficOwner of the key's process.
    template <class FindOwner> Amounts& of(const TrafficKey& key, FindOwner owner);

    /// Writes the rows that have changed. begin_us: the day that all rows belong to.
    void write(std::int64_t begin_us);

    std::int64_t begin_us() const { return begin_us_; }
    const Sums& sums() const { return sums_; }
    void erase();

private:
    /// If a commit has more keys than this, the rest is added to one key of unknown owner and
    /// peer. A key takes 350 bytes, so all take 6 MiB.
    static constexpr std::size_t max_keys = 16'384;

    void load_row(SQLite::Statement& row);
    RecentSum& add(const TrafficKey& key, TrafficOwner owner);
    void write_row(std::int64_t begin_us, const TrafficKey& key, const RecentSum& sum);

    SQLite::Statement replace_, erase_;
    Sums sums_;
    std::vector<TrafficKey> changed_;
    std::int64_t begin_us_ = 0, next_id_ = 1;
};

template <class FindOwner> Amounts& RecentTraffic::of(const TrafficKey& wanted, FindOwner owner) {
    const bool room = sums_.size() < max_keys || sums_.contains(wanted);
    const TrafficKey key = room ? wanted : TrafficKey{};
    const auto known = sums_.find(key);
    RecentSum& sum =
        known != sums_.end() ? known->second : add(key, key.process_id ? owner() : TrafficOwner{});
    if (!sum.changed)
        changed_.push_back(key);
    sum.changed = true;
    return sum.amounts;
}

/// The 16 bytes of an address that the file has as text; all 0 if it is empty.
std::array<unsigned char, 16> peer_address_from(const std::string& text);

/// Binds the amounts to the parameters from `first` on, in the order of the columns.
void bind_amounts(SQLite::Statement& statement, int first, const Amounts& amounts);

} // namespace ctrack
