// SPDX-License-Identifier: Apache-2.0
#include "recorder/recorder.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <linux/capability.h>

#include <fmt/format.h>

#include "common/error.h"
#include "recorder/access/readers.h"
#include "recorder/checks/host_checks.h"
#include "recorder/committer.h"
#include "recorder/from_options.h"
#include "recorder/host/host.h"
#include "recorder/host/wall_clock.h"
#include "recorder/intake.h"
#include "recorder/kernel/hook_programs.h"
#include "recorder/kernel/probe.h"
#include "recorder/messages.h"
#include "recorder/options_text.h"
#include "recorder/pace.h"
#include "recorder/privileges/capabilities.h"
#include "recorder/privileges/lasting.h"
#include "recorder/service/loop_watch.h"
#include "recorder/service/service_manager.h"
#include "recorder/start_checks.h"
#include "recorder/status.h"
#include "recorder/store/recording_file.h"
#include "recorder/terminal.h"
#include "recorder/ticker.h"
#include "version.h"

namespace ctrack {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// A ring wakes the recorder only when it is well filled, so the recorder looks at least this often.
constexpr milliseconds poll_interval = 100ms;
constexpr milliseconds status_interval = 1s;
// The same for a service manager, which passes each line on to all who listen.
constexpr milliseconds told_status_interval = 5s;
// The time between two tries to write a file that could not be written.
constexpr milliseconds retry_interval = 1s;
// How often the rows of open connections are brought up to date.
constexpr milliseconds refresh_interval = 10s;
// How long the recorder waits at the end for another program that holds the file.
constexpr milliseconds last_patience = 30s;
constexpr milliseconds for_ever = std::chrono::hours(24 * 36500);

// The name in the column recordings.adoption.
std::optional<std::string> name_of(std::optional<Adoption> adoption) {
    if (!adoption)
        return std::nullopt;
    return *adoption == Adoption::callbacks ? "callbacks" : "state tracepoint";
}

// The name in the column recordings.connect_errors.
const char* name_of(ConnectErrors seen) {
    switch (seen) {
    case ConnectErrors::fexit: return "fexit";
    case ConnectErrors::task_work: return "task work";
    case ConnectErrors::tracepoint: return "tracepoint";
    case ConnectErrors::none: break;
    }
    return "none";
}

// Records from the rings into the file until it is told to stop.
class Recording {
public:
    Recording(const Options& options, Message title, Terminal& terminal, Probe& probe,
              RecordingFile& file, Intake& intake, Committer& committer, Reloader& reloader)
        : options_(options), title_(std::move(title)), terminal_(terminal), probe_(probe),
          file_(file), intake_(intake), committer_(committer), reloader_(reloader) {}

    void run() {
        walk(true);
        terminal_.say(title_);
        service_manager::ready();
        record_until_stopped();
    }
    void finish(); ///< detaches and writes all that was seen

private:
    using Time = std::chrono::steady_clock::time_point;

    void record_until_stopped();
    bool adopt_more();
    void give_up_privileges();
    void walk(bool refreshes) {
        intake_.walk({.refreshes = refreshes, .has_intervals = options_.interval.count() > 0});
    }
    milliseconds walk_interval() const;
    void show_status(Time now);
    void commit_until_drained();

    const Options& options_;
    Message title_; ///< "recording CGROUP -> FILE"
    Terminal& terminal_;
    Probe& probe_;
    RecordingFile& file_;
    Intake& intake_;
    Committer& committer_;
    Reloader& reloader_;
    LoopWatch watch_;
    Totals shown_totals_; ///< when the status was shown last
    Time shown_at_{};
};

void Recording::show_status(Time now) {
    const double seconds = std::chrono::duration<double>(now - shown_at_).count();
    const std::string text = status_text(shown_totals_, committer_.totals(), seconds,
                                         intake_.open_count(), file_->size_bytes());
    if (terminal_.shows_status())
        terminal_.show_status(fmt::format("{}   {}", title_.text, text));
    else
        service_manager::status(text);
    shown_totals_ = committer_.totals();
    shown_at_ = now;
}

void Recording::record_until_stopped() {
    const Time start = shown_at_ = std::chrono::steady_clock::now();
    // The first commit is due at once, so that its intervals tell what moved while no recorder ran
    // and nothing that is newer.
    Ticker commits(start - options_.commit_interval, options_.commit_interval);
    Ticker retries(start, retry_interval);
    Ticker statuses(start, terminal_.shows_status() ? status_interval : told_status_interval);
    Ticker walks(start, walk_interval());
    Ticker refreshes(start, refresh_interval);
    Ticker end(start, options_.duration.count() ? options_.duration : for_ever);
    bool more_waiting = false;
    bool adopting = true;
    for (Time now = start; !end.due(now); now = std::chrono::steady_clock::now()) {
        const auto timeout =
            std::min({poll_interval, commits.left(now), walks.left(now), end.left(now)});
        if (probe_.wait(more_waiting || adopting ? 0ms : timeout))
            return;
        if (adopting && !(adopting = adopt_more()))
            give_up_privileges();
        if (reloader_.reload()) {
            // A commit at once tells readers how often to expect one from now on.
            commits = Ticker(now - options_.commit_interval, options_.commit_interval);
            walks.set_interval(walk_interval());
        }
        if (walks.due(now)) {
            walk(refreshes.due(now));
            walks.set_interval(walk_interval());
        }
        more_waiting = !intake_.drain();
        const bool commit_due = commits.due(now) || more_waiting;
        if ((committer_.is_stuck() ? retries.due(now) : commit_due) && !committer_.commit())
            more_waiting = false; // the file is locked: to try again at once would not help
        more_waiting = more_waiting && !committer_.is_stuck();
        if (statuses.due(now))
            show_status(now);
        watch_.came_round();
    }
}

// Without intervals, a walk is needed only to refresh.
milliseconds Recording::walk_interval() const {
    return options_.interval.count() ? pace(options_.interval, intake_.walk_cost())
                                     : refresh_interval;
}

// Returns false if nothing is left to adopt.
bool Recording::adopt_more() {
    if (probe_.adopt_more())
        return true;
    if (const std::int64_t missed = probe_.losses().netns)
        terminal_.say(netns_lost_message(missed, has_capability(CAP_SYS_ADMIN)));
    return false;
}

void Recording::give_up_privileges() {
    const LastingNeeds needs{
        .enters_namespaces = options_.namespaces == "always",
        .reads_programs = [this] { return probe_.is_readable(); },
        .folder = std::filesystem::weakly_canonical(options_.db).parent_path().string()};
    if (!keep_what_lasts(needs) && options_.verbose)
        terminal_.say("system calls are not filtered: the kernel or this build has no such filter");
}

void Recording::commit_until_drained() {
    while (!intake_.drain())
        committer_.commit_surely();
}

// The last walk brings the final counters of open connections, and may find lost ones.
void Recording::finish() {
    service_manager::stopping();
    probe_.detach();
    file_->wait_for_locks(last_patience);
    commit_until_drained();
    walk(true);
    commit_until_drained();
    intake_.end();
    committer_.commit_surely();
    commit_until_drained();
}

void end_file(RecordingFile& file, std::int64_t ended_us, const std::string& db,
              Terminal& terminal) {
    if (!file->finish(ended_us))
        terminal.say(fmt::format("{} is being read: keep its -wal file with it until the reader "
                                 "has ended and it was opened once more",
                                 db));
}

} // namespace

// The order of the steps matters. The programs are attached before the file is locked or made, so
// that no file is touched where nothing can be recorded. Older sockets are adopted once new ones
// are seen, so that none is missed, and before the recording begins in the file, which says how
// they are seen.
void record(const Options& at_start, const Signals& signals, const ReadOptions& read_again) {
    gain_no_privileges();
    Checks checks = check_before_start(at_start);
    require(checks);
    Options options = at_start;
    Terminal terminal(options.quiet);
    const std::string cgroup_path = cgroup_of(options);
    OwnerReader owners(cgroup_path);
    WallClock clock;

    const FileDescriptor cgroup = open_cgroup(cgroup_path);
    const auto others = programs_on_hook(cgroup);
    Probe probe(probe_options(options), cgroup, signals.stop);
    probe.attach(cgroup);
    const std::int64_t attached_us = clock.now_us();
    RecordingFile file(
        options.db, [&](const std::string& line) { terminal.warn(line); }, limits_of(options),
        join_readers());
    const auto adoption = probe.adopt();
    append(checks, check_started(options, probe, others, adoption));
    const RecordingInfo info{.host = read_host(),
                             .version = CTRACK_VERSION,
                             .cgroup_path = cgroup_path,
                             .rtt_mode = options.rtt,
                             .adoption = name_of(adoption),
                             .connect_errors = name_of(probe.connect_errors()),
                             .options = text_of(options),
                             .checks = checks,
                             .clock_offset_us = clock.offset_us(),
                             .started_us = attached_us,
                             .heartbeat_interval_us = heartbeat_interval_us(options)};
    file.open(info);
    say_less(checks, terminal);

    Intake intake(probe, std::move(owners), clock, file->first_ids(), file->left_off());
    Committer committer(options, file, info, intake, clock, terminal);
    Reloader reloader(options, read_again, signals.reload, committer, clock, terminal);
    Recording recording(options, started_message(cgroup_path, options.db), terminal, probe, file,
                        intake, committer, reloader);
    recording.run();
    const std::int64_t ended_us = clock.now_us(); // from now on nothing is seen any more
    recording.finish();
    end_file(file, ended_us, options.db, terminal);
    terminal.say(stopped_message(options.db, committer.totals(), file->size_bytes()));
}

} // namespace ctrack
