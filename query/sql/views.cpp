// SPDX-License-Identifier: Apache-2.0
#include "query/sql/views.h"

#include <string>
#include <string_view>

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "query/base/replace_all.h"
#include "query/base/usage_error.h"
#include "query/filter/condition.h"
#include "query/filter/functions.h"
#include "query/sql/attach.h"
#include "query/sql/bind.h"
#include "query/sql/distribution.h"
#include "query/sql/sql_text.h"

namespace ctrack::query {

namespace {

void put_values(SQLite::Database& db, const std::vector<Value>& values) {
    SQLite::Statement insert(db, "INSERT INTO temp.filter_values (value) VALUES (?)");
    for (const auto& value : values) {
        std::visit(Binder{insert, 1}, value);
        insert.exec();
        insert.reset();
        insert.clearBindings();
    }
}

// Throws if the condition is too deep for SQLite's parser, which is the fault of the filter's
// brackets and lists.
void check_depth(SQLite::Database& db, const std::string& condition) {
    try {
        db.exec("CREATE TEMP VIEW temp.filter_check AS SELECT 1 WHERE " + condition);
        db.exec("DROP VIEW temp.filter_check");
    } catch (const SQLite::Exception&) {
        throw UsageError("bad filter: too many brackets and long lists within each other");
    }
}

std::string with(std::string sql, std::string_view place, std::string_view text) {
    replace_all(sql, place, text);
    return sql;
}

// Makes the views of which each file has its own part.
class ViewMaker {
public:
    ViewMaker(SQLite::Database& db, std::size_t files, bool is_filtered)
        : db_(db), files_(files), is_filtered_(is_filtered) {}

    void make_connections() {
        const auto facts = with(sql_text("connection_facts"), "{columns}",
                                raised_columns(db_, "connections", "c"));
        make("connection_facts",
             with(facts, "{from}", "temp.window w CROSS JOIN {file}connections c"));
        make("window_connections",
             with(facts, "{from}",
                  "temp.window_ids i CROSS JOIN {file}connections c"
                  " ON i.file_number = {number} AND c.id BETWEEN i.first_id AND i.last_id"));
    }

    void make_others() {
        make("listener_facts",
             with(sql_text("listener_facts"), "{columns}", raised_columns(db_, "listeners", "c")));
        make_events();
        make("window_rtt_samples", sql_text("window_rtt_samples"));
        make("losses", sql_text("losses"));
        make_counts();
    }

private:
    // SQLite reads the newest events of one file alone without this.
    void make_events() {
        const auto events =
            with(sql_text("window_events"), "{place}", files_ == 1 ? "r.id" : "r.time_us");
        make("window_events", events);
        if (files_ > 1)
            make("newest_events",
                 with(with(sql_text("newest_events"), "{events}", events), "{is_taken}",
                      is_filtered_ ? "EXISTS (SELECT 1 FROM temp.taken_connections t"
                                     " WHERE t.file_number = {number}"
                                     " AND t.id_in_file = r.connection_id)"
                                   : "TRUE"));
        else
            make("newest_events", "SELECT * FROM temp.chosen_events");
    }

    // All batches are read one after the other, and those of the window by an index.
    void make_counts() {
        const auto counts = sql_text("stored_rows");
        make_counts(
            "stored_rows", false,
            with(with(counts, "{window}", "(SELECT 0 AS begin_us, 9223372036854775807 AS end_us)"),
                 "{is_in_window}", "TRUE"));
        make_counts("chosen_row_counts", is_filtered_,
                    with(with(counts, "{window}", "temp.window"), "{is_in_window}",
                         "b.last_time_us >= w.begin_us AND b.first_time_us < w.end_us"));
    }

    void make_counts(std::string_view view, bool is_filtered, const std::string& counts) {
        make(view, with(with(counts, "{is_all}", is_filtered ? "FALSE" : "TRUE"), "{is_taken}",
                        is_filtered ? "raised(r.connection_id) IN temp.chosen_ids" : "TRUE"));
    }

    void make(std::string_view view, const std::string& sql) {
        db_.exec(fmt::format("CREATE TEMP VIEW {} AS {}", view, rows_of_each_file(sql, files_)));
    }

    SQLite::Database& db_;
    std::size_t files_;
    bool is_filtered_;
};

void choose(SQLite::Database& db, const filter::Condition& filter) {
    const auto sql = filter::executable_sql(filter);
    check_depth(db, sql);
    // A listener has no peer and no outcome, so a filter that asks for such a field chooses none.
    const auto* of_listeners = filter.not_of_listeners ? "FALSE" : sql.c_str();
    db.exec(fmt::format(fmt::runtime(sql_text("filtered")), fmt::arg("condition", sql),
                        fmt::arg("of_listeners", of_listeners)));
    put_values(db, filter.values);
}

} // namespace

void make_views(SQLite::Database& db, const std::optional<filter::Condition>& filter,
                std::size_t files) {
    filter::add_functions(db);
    add_distribution(db);
    add_id_functions(db);
    db.exec(sql_text("prelude"));
    db.exec("INSERT INTO temp.recording_spans " +
            rows_of_each_file(sql_text("recording_spans"), files));
    for (std::size_t number = 0; number < files; ++number)
        db.exec(fmt::format("INSERT INTO temp.window_ids VALUES ({0}, 0, {1});"
                            "INSERT INTO temp.window_rows VALUES ({0}, 0, {1}, 0, {1})",
                            number, ids_per_file - 1));
    ViewMaker views(db, files, filter.has_value());
    views.make_connections();
    views.make_others();
    if (filter)
        choose(db, *filter);
    else
        db.exec(sql_text("unfiltered"));
}

void find_connections(SQLite::Database& db, std::size_t files) {
    db.exec("DELETE FROM temp.window_ids");
    for (std::size_t number = 0; number < files; ++number)
        db.exec(rows_of_file(sql_text("window"), number));
}

void find_rows(SQLite::Database& db, std::size_t files) {
    for (std::size_t number = 0; number < files; ++number)
        db.exec(rows_of_file(sql_text("window_rows"), number));
}

} // namespace ctrack::query
