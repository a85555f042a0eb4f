// SPDX-License-Identifier: Apache-2.0
#include "recorder/reloader.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "recorder/from_options.h"
#include "recorder/service/service_manager.h"
#include "recorder/signals.h"

namespace ctrack {

namespace {

// A script that sends a SIGHUP each minute must not make the row grow for ever.
constexpr std::ptrdiff_t most_lines_before = 100;

std::string utc(std::int64_t time_us) {
    const std::time_t seconds = time_us / 1'000'000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, sizeof "2026-11-29T10:00:00Z"> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

std::string summary(const Reloaded& reloaded) {
    if (reloaded.changed.empty())
        return "read the options again: nothing changes";
    return fmt::format("read the options again: {} (before: {})", joined(reloaded.changed),
                       joined(reloaded.before));
}

} // namespace

Reloader::Reloader(Options& options, ReadOptions read, const FileDescriptor& hangups,
                   Committer& committer, const WallClock& clock, Terminal& terminal)
    : options_(options), read_(std::move(read)), hangups_(hangups), committer_(committer),
      clock_(clock), terminal_(terminal) {}

bool Reloader::reload() {
    if (!has_come(hangups_))
        return false;
    service_manager::reloading();
    const bool has_changed = read_again();
    service_manager::ready();
    return has_changed;
}

bool Reloader::read_again() {
    const auto read = read_();
    if (!read.options) {
        terminal_.warn(fmt::format("the options stay as they were: {}", read.error));
        return false;
    }
    const Reloaded reloaded = ctrack::reload(options_, *read.options);
    terminal_.say(summary(reloaded));
    if (!reloaded.waiting.empty())
        terminal_.warn(fmt::format("only a restart can set {}", joined(reloaded.waiting)));
    if (reloaded.changed.empty())
        return false;
    take(reloaded);
    return true;
}

// The recording's row says what is in force and, of what has been before, the newest.
void Reloader::take(const Reloaded& reloaded) {
    options_ = reloaded.options;
    terminal_.set_quiet(options_.quiet);
    for (const auto& option : reloaded.before)
        before_ += fmt::format("{} until {}\n", option, utc(clock_.now_us()));
    while (std::ranges::count(before_, '\n') > most_lines_before)
        before_.erase(0, before_.find('\n') + 1);
    committer_.change({.options = text_of(options_) + before_,
                       .heartbeat_interval_us = heartbeat_interval_us(options_),
                       .limits = limits_of(options_)});
}

} // namespace ctrack
