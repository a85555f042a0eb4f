// SPDX-License-Identifier: Apache-2.0
//
// The connections that earlier recordings of the same boot left open. They may go on in this
// recording under a new id, and the kernel goes on counting their bytes.
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
    /// It must be made before the recording that now begins has written a row.
    LeftOpen(SQLite::Database& db, const std::string& boot_id);

    /// The id of the newest row of this socket.
    std::optional<std::int64_t> id_of(std::int64_t cookie) const;

    /// Frees the memory once the recording has met, and committed, all that was open when it
    /// began.
    void forget_when_met(std::int64_t committed_us);

    /// Waits again, because a batch that was not written, or the next one, may hold some of them.
    void wait_anew() { met_us_ = 0; }

private:
    using CookieAndId = std::pair<std::int64_t, std::int64_t>;

    std::vector<CookieAndId> rows_; ///< sorted by cookie
    std::int64_t met_us_ = 0;       ///< after this moment rows_ is of no use; 0: not known yet
};

} // namespace ctrack
