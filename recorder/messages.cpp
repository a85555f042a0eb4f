// SPDX-License-Identifier: Apache-2.0
#include "recorder/messages.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace ctrack {

namespace {

constexpr const char* started_id = "3097b8e477b94b6bb6e3014919f050dd";
constexpr const char* stopped_id = "edd4e69966d743b9bca23e00334f92e5";
constexpr const char* lost_id = "c73d621d5c084694812e7b0392249514";
constexpr const char* stuck_id = "4183ee0fd4b24ba38936ead31edce548";
constexpr const char* goes_on_id = "a4d86e7364ae4cf38eab317d764ace83";

constexpr auto least_time_between_losses = std::chrono::minutes(1);

struct Cause {
    std::int64_t Losses::*count;
    const char* field;
    const char* what; ///< in the words of the report losses
};

constexpr std::array causes{
    Cause{&Losses::lifecycle_ring, "LIFECYCLE_RING", "events (lifecycle ring full)"},
    Cause{&Losses::sample_ring, "SAMPLE_RING", "RTT samples (sample ring full)"},
    Cause{&Losses::no_storage, "NO_STORAGE", "kernel callbacks (no memory for the socket)"},
    Cause{&Losses::decode_reject, "DECODE_REJECT", "records (not understood)"},
    Cause{&Losses::file, "FILE", "records (gone with a file that was deleted or cut short)"},
};

template <typename Value> std::string field(const char* name, const Value& value) {
    return fmt::format("CTRACK_{}={}", name, value);
}

} // namespace

Message started_message(const std::string& cgroup, const std::string& db) {
    return {.text = fmt::format("recording {} -> {}", cgroup, db),
            .id = started_id,
            .fields = {field("CGROUP", cgroup), field("DB", db)}};
}

Message stopped_message(const std::string& db, const Totals& totals, std::int64_t db_bytes) {
    return {.text = fmt::format("stopped: {}", totals_text(totals, db_bytes)),
            .id = stopped_id,
            .fields = {field("DB", db), field("CONNECTIONS", totals.connections),
                       field("EVENTS", totals.events), field("RTT_SAMPLES", totals.rtt_samples),
                       field("LOST", totals.lost), field("DB_BYTES", db_bytes)}};
}

Message stuck_message(const std::string& db, const std::string& why) {
    return {.text = why +
                    ": trying again each second; what memory and rings cannot hold until then "
                    "is lost, and counted",
            .priority = Priority::error,
            .id = stuck_id,
            .fields = {field("DB", db)}};
}

Message log_full_message(const std::string& db) {
    return {.text = db + "-wal has its share of --max-size and cannot be emptied (somebody reads "
                         "the file, or the disk is slow): nothing is written until it can",
            .priority = Priority::error,
            .id = stuck_id,
            .fields = {field("DB", db)}};
}

Message goes_on_message(const std::string& db, std::int64_t lost) {
    return {.text = fmt::format("{} is written again, lost meanwhile: {}", db, lost),
            .priority = Priority::warning,
            .id = goes_on_id,
            .fields = {field("DB", db), field("LOST", lost)}};
}

Message lost_message(const Losses& losses) {
    Message message{.text = "lost", .priority = Priority::warning, .id = lost_id, .fields = {}};
    for (const Cause& cause : causes) {
        if (const std::int64_t count = losses.*cause.count) {
            const char* comma = message.fields.empty() ? "" : ",";
            message.text += fmt::format("{} {} {}", comma, fmt::group_digits(count), cause.what);
            message.fields.push_back(fmt::format("CTRACK_LOST_{}={}", cause.field, count));
        }
    }
    return message;
}

Message netns_lost_message(std::int64_t missed, bool may_enter) {
    return {.text = fmt::format("cannot enter {} network namespaces, so no RTT is seen of the "
                                "connections there that are older than the recording: {}",
                                missed,
                                may_enter ? "no process is in them, or ulimit -n is too low"
                                          : "CAP_SYS_ADMIN is missing"),
            .priority = Priority::warning,
            .id = lost_id,
            .fields = {field("LOST_NETNS", missed)}};
}

void LossNews::add(const Losses& losses) {
    for (const Cause& cause : causes)
        untold_.*cause.count += losses.*cause.count;
}

std::optional<Message> LossNews::due(Time now) {
    if (untold_.total() == 0 || now < next_)
        return std::nullopt;
    next_ = now + least_time_between_losses;
    return lost_message(std::exchange(untold_, Losses{}));
}

} // namespace ctrack
