// SPDX-License-Identifier: Apache-2.0
#include "recorder/committer.h"

#include <utility>

#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

Committer::Committer(const Options& options, RecordingFile& file, RecordingInfo info,
                     Intake& intake, const WallClock& clock, Terminal& terminal)
    : options_(options), file_(file), info_(std::move(info)), intake_(intake), clock_(clock),
      terminal_(terminal), committed_us_(info_.started_us) {}

bool Committer::commit() try {
    if (!write_somewhere())
        return false;
    if (const auto news = loss_news_.due(std::chrono::steady_clock::now()))
        terminal_.say(*news);
    return true;
} catch (const StorageError& e) {
    say_stuck(e.what());
    return false;
}

// Into a new file, if that which was written into is no good any more.
bool Committer::write_somewhere() try {
    return write_batch() && write_next();
} catch (const DamagedFile& e) {
    start_afresh(e.what());
    return write_somewhere();
} catch (const LostFile& e) {
    start_afresh(e);
    return write_somewhere();
}

void Committer::commit_surely() {
    if (!commit())
        throw Error(
            fmt::format("{} {}: what was recorded since the last commit is lost", options_.db,
                        stuck_ ? "still cannot be written" : "stayed locked by another program"));
}

void Committer::change(const RecordingChange& change) {
    info_.options = change.options;
    info_.heartbeat_interval_us = change.heartbeat_interval_us;
    file_.change(change);
}

bool Committer::write_next() {
    if (!begin_transaction())
        return false;
    say_goes_on();
    batch_ = intake_.take();
    if (batch_)
        return write_batch();
    committed_us_ = clock_.now_us();
    file_->write_nothing(committed_us_);
    return true;
}

// Writes the batch that was taken, if there is one.
bool Committer::write_batch() {
    if (!batch_)
        return true;
    const auto start = std::chrono::steady_clock::now();
    if (!begin_transaction())
        return false;
    const std::int64_t now_us = clock_.now_us();
    file_->write(*batch_, now_us);
    committed_us_ = now_us;
    add_to_totals(*batch_);
    if (options_.verbose)
        say_committed(*batch_, std::chrono::steady_clock::now() - start);
    intake_.reuse(std::move(*batch_));
    batch_.reset();
    return true;
}

// Begins a transaction. It says once that the log cannot be emptied, and once that it could be.
bool Committer::begin_transaction() {
    const bool begun = file_.begin();
    if (file_->log_is_full() == std::exchange(log_was_full_, file_->log_is_full()))
        return begun;
    terminal_.say(log_was_full_ ? log_full_message(options_.db)
                                : goes_on_message(options_.db, intake_.lost()));
    return begun;
}

// Goes on in a new file, which knows none of the rows and owners of the old one.
void Committer::start_afresh(const std::string& why) {
    info_.started_us = committed_us_;
    file_.replace(why, info_);
    rows_in_file_ = 0;
    intake_.write_again(0, batch_ ? &*batch_ : nullptr);
}

void Committer::start_afresh(const LostFile& old) {
    info_.started_us = committed_us_;
    const std::int64_t lost = file_.replace(old, rows_in_file_, info_);
    rows_in_file_ = 0;
    intake_.write_again(lost, batch_ ? &*batch_ : nullptr);
}

void Committer::add_to_totals(const Batch& batch) {
    rows_in_file_ += std::ssize(batch.events) + std::ssize(batch.rtt_samples);
    totals_.connections = intake_.connections();
    totals_.events += static_cast<std::int64_t>(batch.events.size());
    totals_.rtt_samples += static_cast<std::int64_t>(batch.rtt_samples.size());
    totals_.lost += batch.losses.total();
    loss_news_.add(batch.losses);
}

void Committer::say_stuck(const std::string& why) {
    if (!std::exchange(stuck_, true))
        terminal_.say(stuck_message(options_.db, why));
}

void Committer::say_goes_on() {
    if (std::exchange(stuck_, false))
        terminal_.say(goes_on_message(options_.db, intake_.lost()));
}

void Committer::say_committed(const Batch& batch, std::chrono::duration<double, std::milli> took) {
    terminal_.say(fmt::format(
        "commit: {} connections, {} events, {} RTT samples, {} intervals, {} lost, {:.1f} ms",
        batch.connections.size(), batch.events.size(), batch.rtt_samples.size(),
        batch.intervals.size(), batch.losses.total(), took.count()));
}

} // namespace ctrack
