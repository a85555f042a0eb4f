// SPDX-License-Identifier: Apache-2.0
#include "query/sql/views.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include "query/base/replace_all.h"
#include "query/base/usage_error.h"
#include "query/filter/functions.h"
#include "query/sql/attach.h"
#include "query/sql/bucket_counts.h"
#include "query/sql/distribution.h"
#include "query/sql/duration_text.h"
#include "query/sql/presence.h"
#include "query/sql/share.h"
#include "query/sql/sql_text.h"
#include "query/sql/statement.h"
#include "schema/objects.h"

namespace ctrack::query {

namespace {

void put_values(SQLite::Database& db, const std::vector<Value>& values) {
    Statement insert(db.getHandle(), "INSERT INTO temp.filter_values (value) VALUES (:value)");
    for (const auto& value : values) {
        insert.start({{":value", value}});
        insert.step();
    }
}

std::string with(std::string sql, std::string_view place, std::string_view text) {
    replace_all(sql, place, text);
    return sql;
}

// All words of the SQL in lower case, but not the names of tables behind {file}.
std::set<std::string> words_of(std::string_view sql) {
    static const RE2 pattern(R"(\}\w+|(\w+))");
    re2::StringPiece rest(sql.data(), sql.size());
    std::set<std::string> words;
    for (std::string word; RE2::FindAndConsume(&rest, pattern, &word);) {
        std::transform(word.begin(), word.end(), word.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        words.insert(word);
    }
    return words;
}

} // namespace

Views::Views(SQLite::Database& db, bool is_filtered, std::size_t files,
             const std::set<std::string>& widened)
    : db_(db), files_(files) {
    filter::add_functions(db);
    add_distribution(db);
    add_bucket_counts(db);
    add_duration_text(db);
    add_id_functions(db);
    add_presence(db);
    add_share(db);
    unmade_ = files > 1 ? united_tables() : our_views();
    for (const auto& table : widened)
        unmade_.try_emplace(table, our_columns_of(table));
    add_facts();
    add_events(is_filtered);
    add_counts(is_filtered);
}

void Views::make(const std::optional<filter::Condition>& filter) {
    db_.exec(sql_text("prelude"));
    db_.exec("INSERT INTO temp.recording_spans " +
             rows_of_each_file(db_, sql_text("recording_spans"), files_));
    find_all();
    if (filter)
        add_chosen(*filter);
}

void Views::find_all() {
    db_.exec("DELETE FROM temp.window_ids");
    for (std::size_t number = 0; number < files_; ++number)
        db_.exec(fmt::format("INSERT INTO temp.window_ids VALUES ({0}, 0, {1});"
                             "REPLACE INTO temp.window_rows VALUES ({0}, 0, {1}, 0, {1})",
                             number, ids_per_file - 1));
}

void Views::make_for(std::string_view sql) {
    static const RE2 no_code(R"(--[^\n]*|'[^']*')");
    for (const auto& word : words_of(sql))
        if (const auto view = unmade_.extract(word)) {
            const auto& text = view.mapped();
            auto code = text;
            RE2::GlobalReplace(&code, no_code, ""); // these name no view
            make_for(code);
            db_.exec(fmt::format(
                "CREATE TEMP VIEW {} AS {}", word,
                text.find("{file}") == text.npos ? text : rows_of_each_file(db_, text, files_)));
        }
}

void Views::show_what_is_of_users() {
    if (files_ > 1)
        unmade_.merge(united_tables_of_users(db_));
    else
        std::erase_if(unmade_, [](const auto& view) {
            return schema::find_object("table", view.first) != nullptr;
        });
}

void Views::find_connections() {
    db_.exec("DELETE FROM temp.window_ids");
    for (std::size_t number = 0; number < files_; ++number)
        db_.exec(rows_of_file(sql_text("window"), number));
}

void Views::find_rows() {
    for (std::size_t number = 0; number < files_; ++number)
        db_.exec(rows_of_file(sql_text("window_rows"), number));
}

void Views::find_moved() {
    db_.exec("DELETE FROM temp.moved");
    for (std::size_t number = 0; number < files_; ++number)
        db_.exec(rows_of_file(sql_text("moved"), number));
}

void Views::add_facts() {
    for (const auto* view : {"chosen_ends", "ended_connections", "files", "held_rows", "kept",
                             "listener_facts", "local_addresses", "losses", "recording_counts",
                             "window_intervals", "window_rtt_samples"})
        unmade_[view] = sql_text(view);
    const auto facts =
        with(sql_text("connection_facts"), "{waited_until}", sql_text("waited_until"));
    unmade_["connection_facts"] =
        with(facts, "{from}", "temp.window w CROSS JOIN {file}connections c");
    unmade_["window_connections"] =
        with(facts, "{from}",
             "temp.window w CROSS JOIN temp.window_ids i CROSS JOIN {file}connections c"
             " ON i.file_number = {number} AND c.id BETWEEN i.first_id AND i.last_id");
    unmade_["chosen_connections"] = "SELECT * FROM temp.window_connections";
    unmade_["chosen_listeners"] = "SELECT * FROM temp.listener_facts";
    unmade_["chosen_events"] = "SELECT * FROM temp.window_events";
    unmade_["chosen_rtt_samples"] = "SELECT * FROM temp.window_rtt_samples";
    unmade_["chosen_intervals"] = "SELECT * FROM temp.window_intervals";
}

// SQLite reads the newest events of one file alone without a text of their own.
void Views::add_events(bool is_filtered) {
    const auto events =
        with(sql_text("window_events"), "{place}", files_ == 1 ? "r.id" : "r.time_us");
    unmade_["window_events"] = events;
    unmade_["newest_events"] =
        files_ == 1 ? "SELECT * FROM temp.chosen_events"
                    : with(with(sql_text("newest_events"), "{events}", events), "{is_taken}",
                           is_filtered ? "EXISTS (SELECT 1 FROM temp.taken_connections t"
                                         " WHERE t.file_number = {number}"
                                         " AND t.id_in_file = r.connection_id)"
                                       : "TRUE");
}

// All batches are read one after the other, and those of the window by an index.
void Views::add_counts(bool is_filtered) {
    const auto add = [&](const char* view, const char* window, const char* is_in_window,
                         bool is_part) {
        unmade_[view] =
            with(with(with(with(sql_text("stored_rows"), "{window}", window), "{is_in_window}",
                           is_in_window),
                      "{is_all}", is_part ? "FALSE" : "TRUE"),
                 "{is_taken}", is_part ? "raised(r.connection_id) IN temp.chosen_ids" : "TRUE");
    };
    add("stored_rows", "(SELECT 0 AS begin_us, 9223372036854775807 AS end_us)", "TRUE", false);
    add("chosen_row_counts", "temp.window",
        "b.last_time_us >= w.begin_us AND b.first_time_us < w.end_us", is_filtered);
}

// RTT samples and intervals are all read, so the connections that the filter takes are looked for
// before, once.
void Views::add_chosen(const filter::Condition& filter) {
    const auto condition = " WHERE " + filter::executable_sql(filter);
    unmade_["chosen_connections"] += condition;
    // A listener has no peer and no outcome, so a filter that asks for such a field chooses none.
    unmade_["chosen_listeners"] += filter.not_of_listeners ? " WHERE FALSE" : condition;
    unmade_["chosen_events"] = sql_text("chosen_events");
    for (const auto* view : {"chosen_rtt_samples", "chosen_intervals"})
        unmade_[view] += " WHERE connection_id IN temp.chosen_ids";
    unmade_["taken_connections"] =
        "SELECT file_number, id_in_file FROM temp.connection_facts" + condition;
    try {
        make_for("chosen_connections");
    } catch (const SQLite::Exception&) {
        throw UsageError("bad filter: too many brackets and long lists within each other");
    }
    put_values(db_, filter.values);
}

} // namespace ctrack::query
