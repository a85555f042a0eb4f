// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "recorder/store/file_lock.h"
#include "recorder/store/writer.h"

namespace ctrack {

/// The file that a recorder writes. It is locked against other recorders. If it is found to be
/// damaged, it is set aside, and a new file takes its name.
class RecordingFile {
public:
    using Warn = std::function<void(const std::string&)>;

    /// Locks the file, which is made if it is missing. warn is told what became of a damaged file.
    /// Throws Error.
    RecordingFile(std::string path, Warn warn, const RetentionLimits& limits = {});

    /// Begins a recording in the file, or in a new one if it is damaged. Throws Error.
    void open(const RecordingInfo& info);

    /// Sets the damaged file aside and begins a recording in a new one. Throws Error.
    void replace(const std::string& why, const RecordingInfo& info);

    Writer* operator->() const { return writer_.get(); }

private:
    std::string path_;
    Warn warn_;
    RetentionLimits limits_;
    FileLock lock_; ///< is declared before the writer, so that the file is closed first
    std::unique_ptr<Writer> writer_;
};

} // namespace ctrack
