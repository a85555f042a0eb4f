// SPDX-License-Identifier: Apache-2.0
//
// The connections that recordings before this one, of the same boot, left open. They may go
// on in this one, under a new id; the kernel's counters of them go on as well.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <SQLiteCpp/Database.h>

namespace ctrack {

class LeftOpen {
public:
    /// To be made before the recording that now begins has written a row.
    LeftOpen(SQLite::Database& db, const std::string& boot_id);

    /// The newest row of this socket.
    std::optional<std::int64_t> id_of(std::int64_t cookie) const;

    /// Frees the memory once the recording has met all that was open when it began.
    void forget_when_met(std::int64_t committed_us);

private:
    using CookieAndId = std::pair<std::int64_t, std::int64_t>;

    std::vector<CookieAndId> rows_; ///< sorted
    std::int64_t met_us_ = 0;       ///< by then all have been met; 0: nothing was committed yet
};

} // namespace ctrack
