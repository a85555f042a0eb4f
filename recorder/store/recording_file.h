// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "recorder/store/file_lock.h"
#include "recorder/store/writer.h"

namespace ctrack {

/// The file that a recorder writes: locked against others, and a new one under the same
/// name after it was found damaged.
class RecordingFile {
public:
    using Warn = std::function<void(const std::string&)>;

    /// Locks the file, made if missing; warn is told what became of a damaged one. Throws Error.
    RecordingFile(std::string path, Warn warn, const RetentionLimits& limits = {});

    /// Begins a recording in it, or, if it is damaged, in a new one. Throws Error.
    void open(const RecordingInfo& info);

    /// Sets the damaged file aside and begins a recording in a new one. Throws Error.
    void replace(const std::string& why, const RecordingInfo& info);

    Writer* operator->() const { return writer_.get(); }

private:
    std::string path_;
    Warn warn_;
    RetentionLimits limits_;
    FileLock lock_; ///< before the writer: released after the file is closed
    std::unique_ptr<Writer> writer_;
};

} // namespace ctrack
