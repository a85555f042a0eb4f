// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

#include "recorder/store/file_lock.h"
#include "recorder/store/file_watch.h"
#include "recorder/store/writer.h"

namespace ctrack {

/// The file that a recorder writes. It is locked against other recorders. If it is found to be
/// damaged, it is set aside, and a new file takes its name. A new file is also begun if another
/// program has deleted, moved, replaced or cut the file.
class RecordingFile {
public:
    using Warn = std::function<void(const std::string&)>;

    /// Locks the file, which is made if it is missing. warn is told what became of a damaged file.
    /// Each new file is given to the group of readers. Throws Error.
    RecordingFile(const std::string& path, Warn warn, const RetentionLimits& limits = {},
                  std::optional<gid_t> readers = {});

    /// Begins a recording in the file, or in a new one if it is damaged. Throws Error.
    void open(const RecordingInfo& info);

    /// Begins a transaction as Writer::begin() does. Throws LostFile if another program has taken
    /// the file away.
    bool begin();

    /// Sets the damaged file aside and begins a recording in a new one. Throws Error.
    void replace(const std::string& why, const RecordingInfo& info);

    /// Begins a recording in a new file after another program has taken the old one away. The
    /// recording in the old one ends where the new one begins, if that can be written. rows: how
    /// many events and RTT samples the old one has. Returns how many of them are lost. Throws
    /// Error.
    std::int64_t replace(const LostFile& old, std::int64_t rows, const RecordingInfo& info);

    /// Changes what a running recorder can change. Throws Error.
    void change(const RecordingChange& change);

    Writer* operator->() const { return writer_.get(); }

private:
    bool leave(const LostFile& old, std::int64_t ended_us);
    void begin_in_file(const RecordingInfo& info);
    void begin_new_file(const RecordingInfo& info);

    std::string path_;
    Warn warn_;
    RetentionLimits limits_;
    std::optional<gid_t> readers_;
    FileLock lock_; ///< is declared before the writer, so that the file is closed first
    std::unique_ptr<Writer> writer_;
    FileWatch watch_;
};

} // namespace ctrack
