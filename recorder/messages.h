// SPDX-License-Identifier: Apache-2.0
//
// The messages whose kind the journal knows, so that others can look for them and use their
// numbers. docs/service.md lists their ids and fields. They are pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "recorder/fold/batch.h"
#include "recorder/service/message.h"
#include "recorder/status.h"

namespace ctrack {

Message started_message(const std::string& cgroup, const std::string& db);
Message stopped_message(const std::string& db, const Totals& totals, std::int64_t db_bytes);
Message stuck_message(const std::string& db, const std::string& why);
Message log_full_message(const std::string& db);
Message goes_on_message(const std::string& db, std::int64_t lost);
Message lost_message(const Losses& losses);
Message netns_lost_message(std::int64_t missed, bool may_enter);

/// When to say that something was lost: at once, and then at most once a minute, each time what was
/// lost since the last time. Network namespaces that could not be entered have their own message.
class LossNews {
public:
    using Time = std::chrono::steady_clock::time_point;

    void add(const Losses& losses);
    std::optional<Message> due(Time now); ///< what is to be said now

private:
    Losses untold_;
    Time next_{};
};

} // namespace ctrack
