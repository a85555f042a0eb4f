// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/recording_file.h"

#include <utility>

#include <fmt/format.h>

#include "common/error.h"
#include "recorder/store/set_aside.h"

namespace ctrack {

RecordingFile::RecordingFile(std::string path, Warn warn, const RetentionLimits& limits)
    : path_(std::move(path)), warn_(std::move(warn)), limits_(limits), lock_(path_) {}

void RecordingFile::open(const RecordingInfo& info) try {
    if (is_emptied(path_))
        return replace(fmt::format("{} is empty, but its -wal is not", path_), info);
    writer_ = std::make_unique<Writer>(path_, info, limits_);
} catch (const DamagedFile& e) {
    if (!was_ctrack_file(path_))
        throw;
    replace(e.what(), info);
}

void RecordingFile::replace(const std::string& why, const RecordingInfo& info) {
    writer_.reset();
    const std::string aside = set_aside(path_);
    lock_ = FileLock(path_);
    writer_ = std::make_unique<Writer>(path_, info, limits_);
    warn_(fmt::format("{}: kept as {}, recording into a new file", why, aside));
}

} // namespace ctrack
