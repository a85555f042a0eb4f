// SPDX-License-Identifier: Apache-2.0
//
// Writes the table minutes. The rows of the newest two minutes are kept in memory too, and what a
// commit changes of them is written anew as a whole. After a rollback, and in a recording that goes
// on in the same minute, new rows are begun: readers add up rows of one minute.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/fold/batch.h"
#include "recorder/store/sums/traffic_sums.h"

namespace ctrack {

/// What is known of a connection that has a row in the file: how much of it has been counted.
struct Counted {
    TrafficKey key;
    Amounts amounts;
    bool has_summary;
    std::int64_t opened_us;
    std::optional<std::int64_t> closed_us;
};

class MinuteRows {
public:
    explicit MinuteRows(SQLite::Database& db);

    /// Adds what the connection has done since its row in the file, `before`, was written. `gained`
    /// is what it has moved since. is_counted: an earlier recording has counted its opening.
    void add(const ConnectionRow& row, const TrafficKey& key, const std::optional<Counted>& before,
             const Amounts& gained, bool is_counted);

    /// Writes what was added, and these samples. Returns how many rows are new.
    std::int64_t write(const std::vector<MinuteRtts>& rtts);

private:
    /// One minute has at most so many rows, of 2.2 KiB each in memory. What is more is added to one
    /// row of nobody.
    static constexpr std::int64_t max_keys = 1000;

    struct Key {
        std::int64_t minute;
        std::string comm;
        std::uint16_t service_port = 0;
        std::uint8_t direction = CTRACK_DIRECTION_UNKNOWN;

        auto operator<=>(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const;
    };
    struct Sum {
        std::int64_t id = 0; ///< 0: it has no row yet
        bool changed = false;
        Amounts amounts;
        std::unique_ptr<RttHistogram> rtts; ///< empty if it has no samples
    };
    using Sums = std::unordered_map<Key, Sum, KeyHash>;

    static Key key_at(const TrafficKey& key, std::int64_t time_us);
    void add_opening(const ConnectionRow& row, const TrafficKey& key,
                     const std::optional<Counted>& before, bool is_counted);
    void add_end(const ConnectionRow& row, const TrafficKey& key,
                 const std::optional<Counted>& before);
    void move(const std::optional<Key>& from, const Amounts& less, const Key& to,
              const Amounts& more);
    Sum& sum_of(const Key& key);
    Sums::value_type& find_or_add(const Key& key);
    void put(Sums::value_type& entry);
    void forget_old();

    SQLite::Statement last_id_, put_;
    std::int64_t next_id_;
    Sums sums_;
    std::array<Sums::value_type*, 16> recent_{};   ///< of sums_, those that were asked for last
    std::map<std::int64_t, std::int64_t> keys_of_; ///< how many keys each minute has in sums_
};

} // namespace ctrack
