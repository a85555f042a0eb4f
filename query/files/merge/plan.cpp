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

// Of NULL it is 0.
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
    std::int64_t id, committed_us, first_event, events, first_sample, samples, first_interval,
        intervals;
};

// The batches that are taken, in the order of their times.
std::vector<Batch> batches_of(std::deque<Source>& sources, const Plan& plan) {
    std::vector<Batch> all;
    for (std::size_t file = 0; file < sources.size(); ++file)
        for (const auto& row :
             all_rows(sources[file].database,
                      "SELECT recording_id, id, committed_us, first_event_id,"
                      " last_event_id - first_event_id + 1, first_rtt_sample_id,"
                      " last_rtt_sample_id - first_rtt_sample_id + 1, first_interval_id,"
                      " last_interval_id - first_interval_id + 1 FROM batches ORDER BY id"))
            if (!plan.files[file].dropped_recordings.contains(integer(row[0])))
                all.push_back({file, integer(row[1]), integer(row[2]), integer(row[3]),
                               integer(row[4]), integer(row[5]), integer(row[6]), integer(row[7]),
                               integer(row[8])});
    std::ranges::stable_sort(all, {}, &Batch::committed_us);
    return all;
}

// Ids that no recorder gives could not be shifted.
void require_possible(const Batch& batch, const std::string& path) {
    constexpr std::int64_t most_ids = std::int64_t{1} << 52, most_rows = std::int64_t{1} << 40;
    const auto [least_id, greatest_id] =
        std::minmax({batch.first_event, batch.first_sample, batch.first_interval});
    const auto [fewest, most] = std::minmax({batch.events, batch.samples, batch.intervals});
    if (std::min(least_id, fewest) < 0 || greatest_id > most_ids || most > most_rows)
        throw Error(fmt::format("cannot merge {}: batch {} has ids that no recorder gives; "
                                "'ctrack-query verify {}' says more",
                                path, batch.id, path));
}

} // namespace

Plan make_plan(std::deque<Source>& sources) {
    Plan plan;
    plan.files.resize(sources.size());
    for (const auto& [identity, copies] : recordings_of(sources))
        keep_one(copies, sources, plan);
    std::int64_t next_event = 1, next_sample = 1, next_interval = 1, next_batch = 1;
    for (const auto& batch : batches_of(sources, plan)) {
        require_possible(batch, sources[batch.file].path);
        plan.files[batch.file].batches[batch.id] = {next_batch++, next_event - batch.first_event,
                                                    next_sample - batch.first_sample,
                                                    next_interval - batch.first_interval};
        next_event += batch.events;
        next_sample += batch.samples;
        next_interval += batch.intervals;
    }
    return plan;
}

} // namespace ctrack::query::merge
