// SPDX-License-Identifier: Apache-2.0
#include "query/sql/views.h"

#include <span>
#include <stdexcept>

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "common/embedded_sql.h"
#include "query/base/usage_error.h"
#include "query/filter/functions.h"
#include "query/filter/to_sql.h"
#include "query/sql/attach.h"
#include "query/sql/bind.h"
#include "query/sql/distribution.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> query_sql;

namespace query {

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

// Where SQLite's parser has had enough, it is the filter's brackets and lists.
void check_depth(SQLite::Database& db, const std::string& condition) {
    try {
        db.exec("CREATE TEMP VIEW temp.filter_check AS SELECT 1 WHERE " + condition);
        db.exec("DROP VIEW temp.filter_check");
    } catch (const SQLite::Exception&) {
        throw UsageError("bad filter: too many brackets and long lists within each other");
    }
}

void choose(SQLite::Database& db, const filter::Expression& filter,
            const filter::Condition& chosen) {
    check_depth(db, chosen.sql);
    // of what it asks a listener may know nothing
    const auto* of_listeners = filter::not_of_listeners(filter) ? "FALSE" : chosen.sql.c_str();
    db.exec(fmt::format(fmt::runtime(embedded_sql("filtered")), fmt::arg("condition", chosen.sql),
                        fmt::arg("of_listeners", of_listeners)));
    put_values(db, chosen.values);
}

} // namespace

std::string embedded_sql(std::string_view name) {
    for (const auto& file : query_sql)
        if (file.name == name)
            return std::string(file.text);
    throw std::logic_error(fmt::format("{}.sql is not embedded", name));
}

void make_views(SQLite::Database& db, const std::optional<filter::Expression>& filter,
                std::size_t files) {
    filter::add_functions(db);
    add_distribution(db);
    db.exec(embedded_sql("prelude"));
    make_connection_facts(db, files);
    const auto chosen = filter ? filter::to_sql(*filter) : filter::Condition{"TRUE", {}};
    if (filter)
        choose(db, *filter, chosen);
    else
        db.exec(embedded_sql("unfiltered"));
    db.exec(fmt::format(
        fmt::runtime(embedded_sql(files > 1 ? "about_window_of_several" : "about_window")),
        fmt::arg("condition", chosen.sql)));
}

} // namespace query
} // namespace ctrack
