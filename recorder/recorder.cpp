// SPDX-License-Identifier: Apache-2.0
#include "recorder/recorder.h"

#include <algorithm>

#include <fmt/format.h>

#include "recorder/clock.h"
#include "recorder/host.h"
#include "recorder/ticker.h"
#include "schema/error.h"
#include "version.h"

namespace ctrack {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// A ring wakes us only when it is well filled, so look at least this often.
constexpr milliseconds poll_interval = 100ms;
constexpr milliseconds status_interval = 1s;
// Between two tries to write a file that could not be written.
constexpr milliseconds retry_interval = 1s;
// Open connections get their counters from the kernel this often.
constexpr milliseconds walk_interval = 10s;
// At the end another program may hold the file this long.
constexpr milliseconds last_patience = 30s;
constexpr milliseconds for_ever = std::chrono::hours(24 * 36500);

ProbeOptions probe_options(const Options& options) {
    return {.ring_bytes = options.ring_bytes,
            .rtt_enabled = options.rtt_enabled,
            .rtt_min_gap = options.rtt_min_gap,
            .connect_errors = options.connect_errors,
            .verbose = options.verbose};
}

RetentionLimits limits_of(const Options& options) {
    return {.max_bytes = static_cast<std::int64_t>(options.max_bytes),
            .max_age_us = std::chrono::microseconds(options.max_age).count()};
}

// The cgroup to record: the one asked for, else the root of cgroup2.
std::string cgroup_of(const Options& options) {
    if (!options.cgroup.empty())
        return options.cgroup;
    if (const auto root = find_cgroup2_root())
        return *root;
    throw Error("no cgroup2 is mounted: mount -t cgroup2 none /sys/fs/cgroup, or name its "
                "directory with --cgroup");
}

// Bytes that a record takes in a ring: an 8 byte header, and rounded up to 8.
std::uint64_t ring_bytes_of(std::size_t record_bytes) { return 8 + (record_bytes + 7) / 8 * 8; }

// As the column recordings.adoption has it.
std::optional<std::string> name_of(std::optional<Adoption> adoption) {
    if (!adoption)
        return std::nullopt;
    return *adoption == Adoption::callbacks ? "callbacks" : "state tracepoint";
}

} // namespace

Recorder::Recorder(const Options& options)
    : options_(options), terminal_(options.quiet), cgroup_path_(cgroup_of(options)),
      cgroup_reader_(find_cgroup2_root().value_or(cgroup_path_)),
      probe_(
          probe_options(options), open_cgroup(cgroup_path_),
          [this](auto bytes) { return on_lifecycle(bytes); },
          [this](auto bytes) { return on_sample(bytes); }),
      begun_us_(clock_now_us(CLOCK_BOOTTIME)),
      file_(
          options.db, [this](const std::string& line) { terminal_.warn(line); },
          limits_of(options)),
      adoption_(probe_.adopt()), first_ids_(open_file()), table_(first_ids_, clock_.offset_us()),
      committed_us_(begun_us_) {}

FirstIds Recorder::open_file() {
    file_.open(recording_info());
    return file_->first_ids();
}

// What is known of the run when it begins.
RecordingInfo Recorder::recording_info() const {
    return {.host = read_host(),
            .version = CTRACK_VERSION,
            .cgroup_path = cgroup_path_,
            .rtt_mode = options_.rtt,
            .adoption = name_of(adoption_),
            .connect_errors = probe_.sees_connect_errors() ? "tracepoint" : "none",
            .options = options_.as_text,
            .clock_offset_us = clock_.offset_us(),
            .started_us = begun_us_ + clock_.offset_us()};
}

bool Recorder::on_lifecycle(std::span<const std::byte> bytes) {
    const auto record = decode_lifecycle(bytes);
    if (!record) {
        ++decode_rejects_;
        return true;
    }
    if (const auto* summary = std::get_if<ctrack_summary>(&*record)) {
        process_reader_.observe(summary->owner, new_processes_);
        cgroup_reader_.observe(summary->cgroup_id, new_cgroups_);
    } else if (const auto* process = std::get_if<ctrack_process>(&*record)) {
        process_reader_.observe(*process, new_processes_);
    }
    table_.apply(*record);
    return !table_.events_full();
}

bool Recorder::on_sample(std::span<const std::byte> bytes) {
    sample_position_ += ring_bytes_of(bytes.size());
    const auto sample = decode_rtt(bytes);
    if (!sample) {
        ++decode_rejects_;
        return true;
    }
    table_.apply(*sample);
    return !table_.samples_full();
}

// Samples first: what they belong to is then known when both rings are empty.
// Each ring stops at its own part of a batch, so that a flood in one does not
// keep us from the other. False if a batch is full and more is waiting, or may be.
bool Recorder::drain() {
    const bool samples_done = !table_.samples_full() && probe_.drain_samples();
    table_.samples_read_to(sample_position_);
    const bool lifecycle_done = !table_.events_full() && probe_.drain_lifecycle();
    return samples_done && lifecycle_done;
}

void Recorder::walk() {
    table_.begin_walk();
    probe_.walk([this](auto bytes) { return on_lifecycle(bytes); });
    walked_ = true;
}

void Recorder::add_losses(Batch& batch) {
    const Losses now = probe_.losses();
    batch.losses = {.lifecycle_ring = now.lifecycle_ring - kernel_losses_.lifecycle_ring,
                    .sample_ring = now.sample_ring - kernel_losses_.sample_ring,
                    .no_storage = now.no_storage - kernel_losses_.no_storage,
                    .decode_reject = std::exchange(decode_rejects_, 0)};
    kernel_losses_ = now;
}

void Recorder::add_to_totals(const Batch& batch, std::int64_t new_connections) {
    totals_.connections = new_connections;
    totals_.events += static_cast<std::int64_t>(batch.events.size());
    totals_.rtt_samples += static_cast<std::int64_t>(batch.rtt_samples.size());
    totals_.lost += batch.losses.total();
}

// Says once that the log cannot be emptied, and once that it could.
bool Recorder::begin_transaction() {
    const bool begun = file_->begin();
    if (file_->log_is_full() == std::exchange(log_was_full_, file_->log_is_full()))
        return begun;
    terminal_.warn(
        log_was_full_
            ? fmt::format(
                  "{}-wal has its share of --max-size and cannot be emptied (somebody reads "
                  "the file, or the disk is slow): nothing is written until it can",
                  options_.db)
            : fmt::format("{} is written again", options_.db));
    return begun;
}

// What has come since the last batch; nullopt if there is nothing to write.
std::optional<Batch> Recorder::next_batch() {
    Batch batch = table_.take();
    batch.processes = std::exchange(new_processes_, {});
    batch.cgroups = std::exchange(new_cgroups_, {});
    add_losses(batch);
    batch.clock_step_us = clock_.step_us();
    if (batch.empty() && batch.clock_step_us == clock_step_us_)
        return std::nullopt;
    clock_step_us_ = batch.clock_step_us;
    return batch;
}

// False if another program has locked the file, or it cannot be written for now. Then
// everything stays where it is until the next try: a batch that was to be written, the rest
// in the table, and when that is full, in the rings, where losses are counted.
bool Recorder::commit() try {
    return write_batch() && write_next();
} catch (const StorageError& e) {
    say_stuck(e.what());
    return false;
} catch (const DamagedFile& e) {
    start_afresh(e.what());
    return commit();
}

bool Recorder::write_next() {
    if (!begin_transaction())
        return false;
    say_goes_on();
    batch_ = next_batch();
    if (!batch_)
        file_->cancel();
    return write_batch();
}

// If there is one.
bool Recorder::write_batch() {
    if (!batch_)
        return true;
    const auto start = std::chrono::steady_clock::now();
    if (!begin_transaction())
        return false;
    const std::int64_t now_us = clock_now_us(CLOCK_BOOTTIME);
    file_->write(*batch_, now_us + clock_.offset_us());
    committed_us_ = now_us;
    add_to_totals(*batch_, table_.next_id() - first_ids_.connection);
    if (options_.verbose)
        say_committed(*batch_, std::chrono::steady_clock::now() - start);
    batch_.reset();
    return true;
}

void Recorder::say_stuck(const std::string& why) {
    if (!std::exchange(stuck_, true))
        terminal_.warn(fmt::format("{}: trying again each second; what memory and rings cannot "
                                   "hold until then is lost, and counted",
                                   why));
}

void Recorder::say_goes_on() {
    if (std::exchange(stuck_, false))
        terminal_.warn(fmt::format("{} is written again, lost meanwhile: {}", options_.db,
                                   probe_.losses().total() - kernel_losses_.total()));
}

// The new file knows none of the rows and owners that the old one has.
void Recorder::start_afresh(const std::string& why) {
    begun_us_ = committed_us_;
    file_.replace(why, recording_info());
    table_.write_again();
    process_reader_ = {};
    cgroup_reader_ = CgroupReader(find_cgroup2_root().value_or(cgroup_path_));
}

void Recorder::say_committed(const Batch& batch, std::chrono::duration<double, std::milli> took) {
    terminal_.say(
        fmt::format("commit: {} connections, {} events, {} RTT samples, {} lost, {:.1f} ms",
                    batch.connections.size(), batch.events.size(), batch.rtt_samples.size(),
                    batch.losses.total(), took.count()));
}

void Recorder::show_status(Time now) {
    const double seconds = std::chrono::duration<double>(now - shown_at_).count();
    terminal_.show_status(fmt::format(
        "recording {} -> {}   {}", cgroup_path_, options_.db,
        status_text(shown_totals_, totals_, seconds, table_.open_count(), file_->size_bytes())));
    shown_totals_ = totals_;
    shown_at_ = now;
}

void Recorder::record_until_stopped() {
    const Time start = shown_at_ = std::chrono::steady_clock::now();
    Ticker commits(start, options_.commit_interval);
    Ticker retries(start, retry_interval);
    Ticker statuses(start, status_interval);
    Ticker walks(start, walk_interval);
    Ticker end(start, options_.duration.count() ? options_.duration : for_ever);
    bool more_waiting = false;
    for (Time now = start; !end.due(now); now = std::chrono::steady_clock::now()) {
        const auto timeout = std::min({poll_interval, commits.left(now), end.left(now)});
        if (probe_.wait(more_waiting ? 0ms : timeout))
            return;
        if (walks.due(now))
            walk();
        more_waiting = !drain();
        if (!more_waiting && std::exchange(walked_, false))
            table_.end_walk();
        const bool commit_due = commits.due(now) || more_waiting;
        if ((stuck_ ? retries.due(now) : commit_due) && !commit())
            more_waiting = false; // locked: trying at once again would not help
        more_waiting = more_waiting && !stuck_;
        if (terminal_.shows_status() && statuses.due(now))
            show_status(now);
    }
}

void Recorder::commit_surely() {
    if (!commit())
        throw Error(
            fmt::format("{} {}: what was recorded since the last commit is lost", options_.db,
                        stuck_ ? "still cannot be written" : "stayed locked by another program"));
}

void Recorder::finish() {
    probe_.detach();
    file_->wait_for_locks(last_patience);
    while (!drain())
        commit_surely();
    walk();
    table_.end_recording();
    commit_surely();
    if (!file_->finish(clock_.now_us()))
        terminal_.say(fmt::format("{} is being read: keep its -wal file with it until the reader "
                                  "has ended and it was opened once more",
                                  options_.db));
}

void Recorder::run(const FileDescriptor& stop) {
    probe_.watch(stop.get());
    walk();
    terminal_.say(fmt::format("recording {} -> {}", cgroup_path_, options_.db));
    record_until_stopped();
    finish();
    terminal_.say(fmt::format("stopped: {}", totals_text(totals_, file_->size_bytes())));
}

} // namespace ctrack
