// SPDX-License-Identifier: Apache-2.0
//
// What is found out about a batch before any of it is written: which of its connections the file
// does not have yet, and who owns each. It is found out once for all classes that write rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "recorder/fold/batch.h"

namespace ctrack {

/// Ids of rows of processes and cgroups.
struct OwnerRows {
    std::int64_t process_id;
    std::int64_t cgroup_id; ///< of the process, or of the socket if that of the process is unknown
    std::int64_t socket_cgroup_id;
};

class BatchPlan {
public:
    /// last_id: the highest id in the table connections before the batch is written.
    /// owner_of returns the OwnerRows of a summary.
    template <class OwnerOf>
    BatchPlan(const Batch& batch, std::int64_t recording_id, std::int64_t committed_us,
              std::int64_t last_id, OwnerOf owner_of)
        : batch_(batch), recording_id_(recording_id), committed_us_(committed_us) {
        const auto& rows = batch.connections;
        const auto first_new = std::ranges::upper_bound(rows, last_id, {}, &ConnectionRow::id);
        known_ = static_cast<std::size_t>(first_new - rows.begin());
        owners_.reserve(rows.size());
        for (const ConnectionRow& row : rows)
            owners_.push_back(owner_of(row.summary));
    }

    std::int64_t recording_id() const { return recording_id_; }
    std::int64_t committed_us() const { return committed_us_; }

    /// All connections of the batch, in the order of their ids. owner() is called with the place of
    /// a connection in them.
    std::span<const ConnectionRow> connections() const { return batch_.connections; }
    const OwnerRows& owner(std::size_t place) const { return owners_[place]; }

    /// Connections from this place on are new. Those before it mostly have an older row in the
    /// file, which will be replaced.
    std::size_t first_new() const { return known_; }
    bool is_new(std::size_t place) const { return place >= known_; }
    std::span<const ConnectionRow> new_connections() const { return connections().subspan(known_); }

private:
    const Batch& batch_;
    std::int64_t recording_id_, committed_us_;
    std::size_t known_;
    std::vector<OwnerRows> owners_;
};

} // namespace ctrack
