// SPDX-License-Identifier: Apache-2.0
#include "recorder/recorder.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/clock.h"
#include "common/error.h"
#include "recorder/host/host.h"
#include "recorder/ticker.h"
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

// As --connect-errors has it.
std::optional<ConnectErrors> way_called(const std::string& name) {
    if (name == "auto")
        return std::nullopt;
    return name == "tracepoint" ? ConnectErrors::tracepoint : ConnectErrors::none;
}

ProbeOptions probe_options(const Options& options) {
    return {.lifecycle_ring_bytes = options.lifecycle_ring_bytes,
            .sample_ring_bytes = options.sample_ring_bytes,
            .rtt_enabled = options.rtt_enabled,
            .rtt_min_gap = options.rtt_min_gap,
            .connect_errors = way_called(options.connect_errors),
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

// As the column recordings.adoption has it.
std::optional<std::string> name_of(std::optional<Adoption> adoption) {
    if (!adoption)
        return std::nullopt;
    return *adoption == Adoption::callbacks ? "callbacks" : "state tracepoint";
}

// As the column recordings.connect_errors has it.
const char* name_of(ConnectErrors seen) {
    switch (seen) {
    case ConnectErrors::fexit: return "fexit";
    case ConnectErrors::task_work: return "task work";
    case ConnectErrors::tracepoint: return "tracepoint";
    case ConnectErrors::none: break;
    }
    return "none";
}

} // namespace

Recorder::Recorder(const Options& options)
    : options_(options), terminal_(options.quiet), cgroup_path_(cgroup_of(options)),
      owners_(cgroup_path_), probe_(
                                 probe_options(options), open_cgroup(cgroup_path_),
                                 [this](auto bytes) { return intake_.on_lifecycle(bytes); },
                                 [this](auto bytes) { return intake_.on_sample(bytes); }),
      attached_us_(clock_.now_us()),
      file_(
          options.db, [this](const std::string& line) { terminal_.warn(line); },
          limits_of(options)),
      info_(recording_info()), intake_(probe_, std::move(owners_), clock_, open_file()),
      committer_(options_, file_, info_, intake_, clock_, terminal_) {}

FirstIds Recorder::open_file() {
    file_.open(info_);
    return file_->first_ids();
}

// What is known of the run when it begins; takes in the older sockets.
RecordingInfo Recorder::recording_info() {
    return {.host = read_host(),
            .version = CTRACK_VERSION,
            .cgroup_path = cgroup_path_,
            .rtt_mode = options_.rtt,
            .adoption = name_of(probe_.adopt()),
            .connect_errors = name_of(probe_.connect_errors()),
            .options = options_.as_text,
            .clock_offset_us = clock_.offset_us(),
            .started_us = attached_us_};
}

void Recorder::show_status(Time now) {
    const double seconds = std::chrono::duration<double>(now - shown_at_).count();
    terminal_.show_status(fmt::format("recording {} -> {}   {}", cgroup_path_, options_.db,
                                      status_text(shown_totals_, committer_.totals(), seconds,
                                                  intake_.open_count(), file_->size_bytes())));
    shown_totals_ = committer_.totals();
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
            intake_.walk();
        more_waiting = !intake_.drain();
        const bool commit_due = commits.due(now) || more_waiting;
        if ((committer_.is_stuck() ? retries.due(now) : commit_due) && !committer_.commit())
            more_waiting = false; // locked: trying at once again would not help
        more_waiting = more_waiting && !committer_.is_stuck();
        if (terminal_.shows_status() && statuses.due(now))
            show_status(now);
    }
}

void Recorder::finish() {
    probe_.detach();
    file_->wait_for_locks(last_patience);
    while (!intake_.drain())
        committer_.commit_surely();
    intake_.walk();
    while (!intake_.drain()) // which may find lost connections too
        committer_.commit_surely();
    intake_.end();
    do
        committer_.commit_surely();
    while (!intake_.drain());
    if (!file_->finish(clock_.now_us()))
        terminal_.say(fmt::format("{} is being read: keep its -wal file with it until the reader "
                                  "has ended and it was opened once more",
                                  options_.db));
}

void Recorder::run(const FileDescriptor& stop) {
    probe_.watch(stop.get());
    intake_.walk();
    terminal_.say(fmt::format("recording {} -> {}", cgroup_path_, options_.db));
    record_until_stopped();
    finish();
    terminal_.say(
        fmt::format("stopped: {}", totals_text(committer_.totals(), file_->size_bytes())));
}

} // namespace ctrack
