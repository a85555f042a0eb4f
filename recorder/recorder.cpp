// SPDX-License-Identifier: Apache-2.0
#include "recorder/recorder.h"

#include <algorithm>

#include <fmt/format.h>

#include "recorder/clock.h"
#include "recorder/host.h"
#include "schema/error.h"
#include "version.h"

namespace ctrack {

namespace {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

// A ring wakes us only when it is well filled, so look at least this often.
constexpr milliseconds poll_interval = 100ms;
constexpr milliseconds status_interval = 1s;
// Open connections get their counters from the kernel this often.
constexpr milliseconds walk_interval = 10s;
// At the end another program may hold the file this long.
constexpr milliseconds last_patience = 30s;
constexpr milliseconds for_ever = std::chrono::hours(24 * 36500);
// Smaller differences between two readings of the clocks are no step.
constexpr std::int64_t least_clock_step_us = 10'000;

ProbeOptions probe_options(const Options& options) {
    return {.ring_bytes = options.ring_bytes,
            .rtt_enabled = options.rtt_enabled,
            .rtt_min_gap = options.rtt_min_gap,
            .connect_errors = options.connect_errors,
            .verbose = options.verbose};
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

// True once in each interval, however late it is asked.
class Ticker {
public:
    Ticker(std::chrono::steady_clock::time_point start, milliseconds interval)
        : next_(start + interval), interval_(interval) {}

    bool due(std::chrono::steady_clock::time_point now) {
        if (now < next_)
            return false;
        next_ = std::max(next_ + interval_, now);
        return true;
    }
    milliseconds left(std::chrono::steady_clock::time_point now) const {
        return std::max(duration_cast<milliseconds>(next_ - now) + 1ms, 0ms);
    }

private:
    std::chrono::steady_clock::time_point next_;
    milliseconds interval_;
};

} // namespace

Recorder::Recorder(const Options& options)
    : options_(options), terminal_(options.quiet), cgroup_path_(cgroup_of(options)),
      cgroup_reader_(find_cgroup2_root().value_or(cgroup_path_)),
      probe_(
          probe_options(options), open_cgroup(cgroup_path_),
          [this](auto bytes) { return on_lifecycle(bytes); },
          [this](auto bytes) { return on_sample(bytes); }),
      attached_us_(clock_now_us(CLOCK_BOOTTIME)), lock_(options.db), adoption_(probe_.adopt()),
      clock_offset_us_(clock_offset_us()), writer_(options.db, recording_info()),
      first_ids_(writer_.first_ids()), table_(first_ids_, clock_offset_us_) {}

// What is known of the run when it begins.
RecordingInfo Recorder::recording_info() const {
    return {.host = read_host(),
            .version = CTRACK_VERSION,
            .cgroup_path = cgroup_path_,
            .rtt_mode = options_.rtt,
            .adoption = name_of(adoption_),
            .connect_errors = probe_.sees_connect_errors() ? "tracepoint" : "none",
            .options = options_.as_text,
            .clock_offset_us = clock_offset_us_,
            .started_us = attached_us_ + clock_offset_us_};
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
// keep us from the other. False if a batch is full and more is waiting.
bool Recorder::drain() {
    const bool samples_done = probe_.drain_samples();
    table_.samples_read_to(sample_position_);
    const bool lifecycle_done = probe_.drain_lifecycle();
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

// False if another program has locked the file. Then everything stays where it is
// until the next try: in the table, and when that is full, in the rings.
bool Recorder::commit() {
    const auto start = std::chrono::steady_clock::now();
    if (!writer_.begin())
        return false;
    const std::int64_t step_us = clock_offset_us() - clock_offset_us_;
    Batch batch = table_.take();
    batch.processes = std::exchange(new_processes_, {});
    batch.cgroups = std::exchange(new_cgroups_, {});
    add_losses(batch);
    batch.clock_step_us = std::abs(step_us) < least_clock_step_us ? 0 : step_us;
    if (batch.empty() && batch.clock_step_us == clock_step_us_) {
        writer_.cancel();
        return true;
    }
    clock_step_us_ = batch.clock_step_us;
    writer_.write(batch, clock_now_us(CLOCK_BOOTTIME) + clock_offset_us_);
    add_to_totals(batch, table_.next_id() - first_ids_.connection);
    if (options_.verbose)
        say_committed(batch, std::chrono::steady_clock::now() - start);
    return true;
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
        status_text(shown_totals_, totals_, seconds, table_.open_count(), writer_.size_bytes())));
    shown_totals_ = totals_;
    shown_at_ = now;
}

void Recorder::record_until_stopped() {
    const Time start = shown_at_ = std::chrono::steady_clock::now();
    Ticker commits(start, options_.commit_interval);
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
        if ((commits.due(now) || more_waiting) && !commit())
            more_waiting = false; // locked: trying at once again would not help
        if (terminal_.shows_status() && statuses.due(now))
            show_status(now);
    }
}

void Recorder::commit_surely() {
    if (!commit())
        throw Error(fmt::format("{} stayed locked by another program: what was recorded since the "
                                "last commit is lost",
                                options_.db));
}

void Recorder::finish() {
    probe_.detach();
    writer_.wait_for_locks(last_patience);
    while (!drain())
        commit_surely();
    walk();
    table_.end_recording();
    commit_surely();
    if (!writer_.finish(clock_now_us(CLOCK_BOOTTIME) + clock_offset_us_))
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
    terminal_.say(fmt::format("stopped: {}", totals_text(totals_, writer_.size_bytes())));
}

} // namespace ctrack
