// SPDX-License-Identifier: Apache-2.0
//
// The connections that earlier recordings of the same boot left open. They may go on in this
// recording under a new id, and the kernel goes on counting their bytes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

namespace ctrack {

class LeftOpen {
public:
    /// What the newest row of a socket said. It is kept here because retention may delete the row
    /// before this recording meets the connection.
    struct Row {
        std::int64_t cookie;
        std::array<unsigned char, 16> peer_address;
        std::int64_t bytes_sent, bytes_received, retrans_segs;
    };

    /// It must be made before the recording that now begins has written a row.
    LeftOpen(SQLite::Database& db, const std::string& boot_id);

    /// The row of this socket, or nullptr.
    const Row* find(std::int64_t cookie) const;

    /// Frees the memory once the recording has met, and committed, all that was open when it
    /// began.
    void forget_when_met(std::int64_t committed_us);

    /// Waits again, because a batch that was not written, or the next one, may hold some of them.
    void wait_anew() { met_us_ = 0; }

private:
    std::vector<Row> rows_;   ///< sorted by cookie
    std::int64_t met_us_ = 0; ///< after this moment rows_ is of no use; 0: not known yet
};

} // namespace ctrack
