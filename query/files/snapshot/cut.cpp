// SPDX-License-Identifier: Apache-2.0
#include "query/files/snapshot/cut.h"

#include <unordered_set>

#include <SQLiteCpp/Statement.h>

#include "common/clock.h"
#include "query/files/table_writer.h"
#include "query/sql/sql_text.h"

namespace ctrack::query {

namespace {

// Owners are copied last, when it is known to which of them copied rows refer.
bool is_of_owners(const Table& table) {
    return table.name == "processes" || table.name == "cgroups";
}

// Adds an SQL function that says whether an id stands in the new file.
void add_is_referred(const char* name, const char* ids_sql, SQLite::Database& target,
                     Database& source) {
    std::unordered_set<std::int64_t> ids;
    SQLite::Statement statement(target, ids_sql);
    while (statement.executeStep())
        ids.insert(statement.getColumn(0));
    source.add_function(name, [ids = std::move(ids)](std::int64_t id) { return ids.contains(id); });
}

// Whether the window and the filter leave all of the source.
bool is_whole(Database& source, const Window& window, bool is_filtered) {
    const auto recorded = source.recorded();
    return !is_filtered && recorded && window.begin_us <= recorded->begin_us &&
           window.end_us >= recorded->end_us;
}

Parameters parameters(const Window& window, bool is_whole, bool is_filtered,
                      const Value& anonymize_level) {
    return {.window = window,
            .limit = -1,
            .named = {{":made_us", now_us()},
                      {":is_whole", std::int64_t{is_whole}},
                      {":is_filtered", std::int64_t{is_filtered}},
                      {":anonymize_level", anonymize_level}}};
}

} // namespace

void cut(Database& source, const Window& window, bool is_filtered,
         anonymize::Anonymizer* anonymizer, SQLite::Database& target) {
    const bool whole = is_whole(source, window, is_filtered);
    const auto values = parameters(window, whole, is_filtered,
                                   anonymizer == nullptr ? Value{} : Value{anonymizer->level()});
    const auto tables = tables_of(target);
    const auto copy = [&](bool owners) {
        for (const auto& table : tables)
            if (is_of_owners(table) == owners) {
                TableWriter writer(target, table, anonymizer);
                source.run({rows_sql("snapshot_rows", table), {}}, values, writer);
            }
    };
    copy(false);
    add_is_referred("is_owner_process",
                    "SELECT process_id FROM connections UNION SELECT process_id FROM listeners",
                    target, source);
    add_is_referred(
        "is_owner_cgroup",
        "SELECT cgroup_id FROM connections UNION SELECT socket_cgroup_id FROM connections "
        "WHERE socket_cgroup_id IS NOT NULL UNION SELECT cgroup_id FROM listeners",
        target, source);
    copy(true);
    target.exec(sql_text("clip_batches"));
    target.exec(sql_text("find_connections"));
    if (!whole) // the sums must be those of the connections that are there
        target.exec(sql_text("sums_of_connections"));
    if (is_filtered)
        target.exec(sql_text("minutes_of_rows"));
}

} // namespace ctrack::query
