// SPDX-License-Identifier: Apache-2.0
#include <deque>

#include <fmt/format.h>

#include "common/error.h"
#include "query/base/say.h"
#include "query/base/usage_error.h"
#include "query/commands/command.h"
#include "query/files/merge/owners.h"
#include "query/files/merge/plan.h"
#include "query/files/new_file.h"
#include "query/report/notices.h"
#include "query/sql/all_rows.h"
#include "query/sql/sql_text.h"

namespace ctrack::query::command {

namespace {

std::string added_up(const std::string& column) {
    const auto of_both = [&column](const char* function) {
        return fmt::format("{0} = coalesce({1}({0}, excluded.{0}), {0}, excluded.{0})", column,
                           function);
    };
    if (column == "rtt_min_us")
        return of_both("min");
    if (column == "rtt_max_us" || column == "kept_from_us")
        return of_both("max");
    if (column == "pid") // stays only if one process did all of it
        return "pid = iif(pid IS excluded.pid, pid, NULL)";
    return fmt::format("{0} = {0} + excluded.{0}", column);
}

// What an INSERT does with a row whose key is there already.
std::string conflict_clause(const Table& table) {
    std::vector<std::string> changes;
    for (const auto& column : table.columns)
        if (!table.keys.contains(column))
            changes.push_back(added_up(column));
    return fmt::format("ON CONFLICT ({}) DO UPDATE SET {}", fmt::join(table.keys, ", "),
                       fmt::join(changes, ", "));
}

// Tables of which rows of several files that have one key are added up.
bool adds_up(const Table& table) {
    return table.name == "traffic_sums" || table.name == "retention";
}

// Tables of which each row is in the range of a batch.
bool is_of_batches(const Table& table) {
    return table.name == "events" || table.name == "packed_rtt_samples" ||
           table.name == "packed_intervals";
}

class Merger {
public:
    Merger(SQLite::Database& target, bool has_sums)
        : target_(target), tables_(tables_of(target)), has_sums_(has_sums) {}

    void add(merge::Source& source, const merge::FilePlan& plan) {
        merge::Owners owners(target_);
        add_functions(source.database, plan, owners);
        const auto values = parameters(plan);
        std::int64_t strays =
            std::get<std::int64_t>(all_rows(source.database, sql_text("merge_held"), values)[0][0]);
        for (const auto& table : tables_) {
            const bool is_of_owners = table.name == "processes" || table.name == "cgroups";
            TableWriter writer(target_, table, is_of_owners ? &owners : nullptr,
                               adds_up(table) ? conflict_clause(table) : "");
            const auto rows =
                source.database.run({rows_sql("merge_rows", table), {}}, values, writer);
            if (is_of_batches(table))
                strays -= rows;
        }
        if (strays > 0)
            throw Error(
                fmt::format("cannot merge {}: {} events, samples or intervals are in no batch; "
                            "'ctrack-query verify {}' says more",
                            source.path, strays, source.path));
    }

    void finish() {
        target_.exec(sql_text("find_connections"));
        if (has_sums_)
            return;
        target_.exec(sql_text("sums_of_connections"));
        target_.exec(sql_text("minutes_of_rows"));
    }

private:
    static void add_functions(Database& source, const merge::FilePlan& plan,
                              const merge::Owners& owners) {
        const auto of_batch = [&](const char* name, std::int64_t merge::BatchIds::*number) {
            source.add_function(name, [&plan, number](std::int64_t id) {
                const auto batch = plan.batches.find(id);
                return batch == plan.batches.end() ? 0 : batch->second.*number;
            });
        };
        of_batch("new_batch", &merge::BatchIds::id);
        of_batch("event_shift", &merge::BatchIds::event_shift);
        of_batch("sample_shift", &merge::BatchIds::sample_shift);
        of_batch("interval_shift", &merge::BatchIds::interval_shift);
        source.add_function("is_taken", [&plan](std::int64_t recording) {
            return plan.dropped_recordings.contains(recording) ? 0 : 1;
        });
        source.add_function("new_process",
                            [&owners](std::int64_t id) { return owners.new_id("processes", id); });
        source.add_function("new_cgroup",
                            [&owners](std::int64_t id) { return owners.new_id("cgroups", id); });
    }

    Parameters parameters(const merge::FilePlan& plan) {
        Parameters values{{0, 0}, -1};
        values.named = {{":has_sums", std::int64_t{has_sums_}},
                        {":takes_all", std::int64_t{plan.dropped_recordings.empty()}}};
        for (const std::string table :
             {"recordings", "connections", "listeners", "traffic_recent", "minutes"})
            values.named[":" + table] =
                target_.execAndGet("SELECT coalesce(max(id), 0) FROM " + table).getInt64();
        return values;
    }

    SQLite::Database& target_;
    std::vector<Table> tables_;
    bool has_sums_;
};

} // namespace

int merge(const Options& options, Output&) {
    if (!options.out_file)
        throw UsageError("merge needs -o FILE: the file to write");
    std::deque<merge::Source> sources;
    for (const auto& path : options.arguments) {
        require_different(*options.out_file, path);
        sources.emplace_back(path);
    }
    const auto plan = merge::make_plan(sources);
    NewFile file(*options.out_file, options.force, readers_of(options.arguments));
    // Sums do not tell recordings apart, so those of a recording that is left out would count
    // twice.
    Merger merger(file.database(), plan.notes.empty());
    for (std::size_t i = 0; i < sources.size(); ++i)
        merger.add(sources[i], plan.files[i]);
    merger.finish();
    file.keep();
    report_written(*options.out_file, true);
    for (auto& source : sources)
        report_left_out({source.path}, source.database);
    for (const auto& note : plan.notes)
        say(note);
    return 0;
}

} // namespace ctrack::query::command
