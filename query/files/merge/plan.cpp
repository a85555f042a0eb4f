// SPDX-License-Identifier: Apache-2.0
#include "query/files/merge/plan.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "common/error.h"
#include "query/sql/all_rows.h"
#include "query/sql/sql_text.h"

namespace ctrack::query::merge {

namespace {

struct Held {
    std::size_t file;
    std::int64_t id, begin_us, end_us;
    bool is_filtered;
    std::string hostname;
};

using Identity = std::tuple<std::string, std::string, std::int64_t>;

std::int64_t integer(const Value& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    return number == nullptr ? 0 : *number;
}

bool holds_all_of(const Held& one, const Held& other) {
    return !one.is_filtered && one.begin_us <= other.begin_us && one.end_us >= other.end_us;
}

std::map<Identity, std::vector<Held>> recordings_of(std::deque<Source>& sources) {
    std::map<Identity, std::vector<Held>> all;
    for (std::size_t file = 0; file < sources.size(); ++file)
        for (const auto& row : all_rows(sources[file].database, sql_text("held_recordings")))
            all[{std::get<std::string>(row[0]), std::get<std::string>(row[1]), integer(row[2])}]
                .push_back({file, integer(row[3]), integer(row[4]), integer(row[5]),
                            integer(row[6]) != 0, std::get<std::string>(row[7])});
    return all;
}

// Keeps that copy of a recording which has all that the other copies have.
void keep_one(const std::vector<Held>& copies, const std::deque<Source>& sources, Plan& plan) {
    const auto* best = &copies[0];
    for (const auto& copy : copies)
        if (!holds_all_of(*best, copy))
            best = &copy;
    for (const auto& copy : copies) {
        if (&copy == best)
            continue;
        if (!holds_all_of(*best, copy))
            throw Error(fmt::format(
                "{} and {} hold different parts of one recording of {}: merge two whole files, "
                "or take one snapshot over both parts",
                sources[best->file].path, sources[copy.file].path, copy.hostname));
        plan.files[copy.file].dropped_recordings.insert(copy.id);
        plan.notes.push_back(fmt::format("recording {} of {} is left out: {} holds all of it",
                                         copy.id, sources[copy.file].path,
                                         sources[best->file].path));
    }
}

struct Batch {
    std::size_t file;
    std::int64_t id, recording_id, committed_us;
    Value first_event, last_event, first_sample, last_sample;
};

void add_batches(std::size_t file, Database& database, const FilePlan& plan,
                 std::vector<Batch>& all) {
    const auto rows =
        all_rows(database, "SELECT id, recording_id, committed_us, first_event_id, last_event_id, "
                           "first_rtt_sample_id, last_rtt_sample_id FROM batches ORDER BY id");
    for (const auto& row : rows)
        if (!plan.dropped_recordings.contains(integer(row[1])))
            all.push_back({file, integer(row[0]), integer(row[1]), integer(row[2]), row[3], row[4],
                           row[5], row[6]});
}

// Gives the next ids to the rows from `first` to `last`. Returns what is added to theirs.
std::int64_t place(const Value& first, const Value& last, std::int64_t& next) {
    if (std::holds_alternative<std::monostate>(first))
        return 0;
    const auto shift = next - integer(first);
    next += integer(last) - integer(first) + 1;
    return shift;
}

void number(const std::vector<Batch>& batches, Plan& plan) {
    std::int64_t next_event = 1, next_sample = 1, next_batch = 1;
    for (const auto& batch : batches) {
        const auto events = place(batch.first_event, batch.last_event, next_event);
        const auto samples = place(batch.first_sample, batch.last_sample, next_sample);
        plan.files[batch.file].batches[batch.id] = {next_batch++, events, samples};
    }
}

} // namespace

Plan make_plan(std::deque<Source>& sources) {
    Plan plan;
    plan.files.resize(sources.size());
    for (const auto& [identity, copies] : recordings_of(sources))
        keep_one(copies, sources, plan);
    std::vector<Batch> batches;
    for (std::size_t file = 0; file < sources.size(); ++file)
        add_batches(file, sources[file].database, plan.files[file], batches);
    std::stable_sort(batches.begin(), batches.end(), [](const Batch& a, const Batch& b) {
        return a.committed_us < b.committed_us;
    });
    number(batches, plan);
    return plan;
}

} // namespace ctrack::query::merge
