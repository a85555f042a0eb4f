// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <deque>

#include <fmt/format.h>

#include "common/error.h"
#include "query/base/usage_error.h"
#include "query/commands/command.h"
#include "query/files/merge/renumber.h"
#include "query/files/new_file.h"
#include "query/sql/sql_text.h"

namespace ctrack::query::command {

namespace {

using merge::Treatment;

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

std::string select_all(const Table& table) {
    return fmt::format("SELECT * FROM {} ORDER BY {}", table.name, fmt::join(table.keys, ", "));
}

class Merger {
public:
    Merger(SQLite::Database& target, bool sums_are_made_anew)
        : target_(target), tables_(tables_of(target)), sums_are_made_anew_(sums_are_made_anew) {}

    void add(merge::Source& source, const merge::FilePlan& plan) {
        merge::Renumber renumber(plan, owners_, last_ids_);
        for (const auto& table : tables_)
            if (is_copied(table))
                copy(source.database, table, renumber);
        if (renumber.strays() > 0)
            throw Error(fmt::format("cannot merge {}: {} events or samples are in no batch; "
                                    "'ctrack-query verify {}' says more",
                                    source.path, renumber.strays(), source.path));
        last_ids_ = renumber.last_ids();
    }

    void finish() {
        target_.exec(sql_text("find_connections"));
        if (sums_are_made_anew_)
            target_.exec(sql_text("sums_of_connections"));
    }

private:
    static bool is_of_sums(const Table& table) {
        return table.name == "traffic_recent" ||
               (merge::treatment_of(table.name) == Treatment::sums && table.name != "retention");
    }

    bool is_copied(const Table& table) const {
        return merge::treatment_of(table.name) != Treatment::made_anew &&
               !(sums_are_made_anew_ && is_of_sums(table));
    }

    void copy(Database& source, const Table& table, merge::Renumber& renumber) {
        const bool adds = merge::treatment_of(table.name) == Treatment::sums;
        TableWriter writer(target_, table, {&renumber}, adds ? conflict_clause(table) : "");
        source.run({select_all(table), {}}, {{0, 0}, -1}, writer);
    }

    SQLite::Database& target_;
    std::vector<Table> tables_;
    bool sums_are_made_anew_;
    merge::Owners owners_;
    merge::Renumber::LastIds last_ids_;
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
    NewFile file(*options.out_file, options.force);
    // Sums do not tell recordings apart, so those of a recording that is left out would count
    // twice.
    Merger merger(file.database(), !plan.notes.empty());
    for (std::size_t i = 0; i < sources.size(); ++i)
        merger.add(sources[i], plan.files[i]);
    merger.finish();
    file.keep();
    for (const auto& note : plan.notes)
        fmt::print(stderr, "ctrack-query: {}\n", note);
    return 0;
}

} // namespace ctrack::query::command
