// SPDX-License-Identifier: Apache-2.0
//
// The table traffic_recent, and the same in memory: what connections have added since the
// sums of traffic were last written. With many peers a commit's rows belong all over
// traffic_sums and would dirty a page each; here they lie close together, and thousands
// go there at once, in the order of that table, for a tenth of the cost.
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

/// Of a process, as the sums have it.
struct TrafficOwner {
    std::string comm; ///< "": not known
    std::optional<std::int64_t> pid;
};

struct RecentSum {
    std::int64_t id; ///< of its row
    TrafficOwner owner;
    std::string peer_address; ///< as SQL has it; "": not known
    Amounts amounts;
    bool changed;
};

class RecentTraffic {
public:
    using Sums = std::unordered_map<TrafficKey, RecentSum, TrafficKeyHash>;

    /// Reads what there is.
    explicit RecentTraffic(SQLite::Database& db);

    /// owner: of the key's process; asked for if the key is new.
    template <class FindOwner> Amounts& of(const TrafficKey& key, FindOwner owner);

    /// Writes what has changed. All that is there is of this day.
    void write(std::int64_t begin_us);

    std::int64_t begin_us() const { return begin_us_; }
    const Sums& sums() const { return sums_; }
    void erase();

private:
    /// What one commit adds beyond that is summed up as of unknown owner and peer. 350 bytes
    /// each, 6 MiB; half of that are merged.
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

/// Of an address as SQL has it.
std::array<unsigned char, 16> peer_address_from(const std::string& text);

/// Binds the amounts from this parameter on, in the order of the columns.
void bind_amounts(SQLite::Statement& statement, int first, const Amounts& amounts);

} // namespace ctrack
