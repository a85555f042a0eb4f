// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/recording_file.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "common/error.h"
#include "recorder/store/file_check.h"
#include "recorder/store/set_aside.h"

namespace ctrack {

namespace {

// How long a reader of a file that has been moved or deleted is waited for. Meanwhile nothing is
// taken from the rings.
constexpr std::chrono::milliseconds patience_of_leaving{1000};

constexpr int most_links = 40; // as the kernel follows

// SQLite keeps the log beside the file itself, and not beside a link to it.
std::string file_behind_links(std::filesystem::path path) {
    std::error_code error;
    for (int i = 0; i < most_links && std::filesystem::is_symlink(path, error); ++i)
        path = path.parent_path() / std::filesystem::read_symlink(path, error);
    return path;
}

// Where a new file cannot be made yet, the old one is not left either. So what is recorded waits in
// memory, as it does where a full disk lets the old one not grow.
void require_room(const std::string& path, const std::string& why) {
    if (!has_room(path))
        throw StorageError(fmt::format("{}, and the disk has no room for a new file", why));
}

std::string trusted_file(const std::string& path) {
    require_trusted_way(path);
    return file_behind_links(path);
}

} // namespace

RecordingFile::RecordingFile(const std::string& path, Warn warn, const RetentionLimits& limits,
                             std::optional<gid_t> readers)
    : path_(trusted_file(path)), warn_(std::move(warn)), limits_(limits), readers_(readers),
      lock_(path_, readers), watch_(path_, lock_.descriptor()) {}

void RecordingFile::open(const RecordingInfo& info) try {
    if (is_emptied(path_))
        return replace(fmt::format("{} is empty, but its -wal is not", path_), info);
    begin_in_file(info);
} catch (const DamagedFile& e) {
    if (!was_ctrack_file(path_))
        throw;
    replace(e.what(), info);
}

void RecordingFile::replace(const std::string& why, const RecordingInfo& info) {
    require_room(path_, why);
    writer_.reset();
    const std::string aside = set_aside(path_, "corrupt");
    begin_new_file(info);
    warn_(fmt::format("{}: kept as {}, recording into a new file", why, aside));
}

bool RecordingFile::begin() {
    if (!writer_->begin())
        return false;
    watch_.look(writer_->content_bytes());
    return true;
}

void RecordingFile::change(const RecordingChange& change) {
    limits_ = change.limits;
    writer_->change(change);
}

// Ends the old file. Returns whether it holds everything, with a log beside it if somebody still
// reads that.
bool RecordingFile::leave(const LostFile& old, std::int64_t ended_us) {
    writer_->wait_for_locks(patience_of_leaving);
    const bool has_all = writer_->leave(ended_us);
    writer_.reset();
    remove_emptied_log(path_);
    if (!has_all && !old.moved_to.empty())
        return move_log(path_, old.moved_to);
    return !old.content_is_gone && (has_all || has_log(path_));
}

// What may be at the path by now is not ours to write to: another file, or what is left of this
// one.
std::int64_t RecordingFile::replace(const LostFile& old, std::int64_t rows,
                                    const RecordingInfo& info) {
    if (!old.content_is_gone) // otherwise to leave it is what makes room
        require_room(path_, old.what());
    const auto left_open = writer_->left_open();
    const bool is_kept = leave(old, info.started_us);
    const std::int64_t lost = is_kept ? 0 : rows;
    const std::string aside = set_aside(path_, "aside");
    begin_new_file(info);
    if (is_kept)
        writer_->carry_on(left_open);
    warn_(fmt::format("{} by another program: recording into a new file{}{}", old.what(),
                      aside.empty() ? "" : fmt::format(", {} is what stood there", aside),
                      lost ? fmt::format("; {} events and RTT samples are gone with the old one, "
                                         "and count as lost",
                                         lost)
                           : ""));
    return lost;
}

void RecordingFile::begin_new_file(const RecordingInfo& info) {
    lock_ = FileLock(path_, readers_);
    watch_ = FileWatch(path_, lock_.descriptor());
    begin_in_file(info);
}

// In /tmp, others may have made a log just before SQLite did.
void RecordingFile::begin_in_file(const RecordingInfo& info) {
    writer_ = std::make_unique<Writer>(path_, info, limits_);
    require_own_logs(path_);
}

} // namespace ctrack
