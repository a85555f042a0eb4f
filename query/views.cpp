// SPDX-License-Identifier: Apache-2.0
#include "query/views.h"

#include <span>
#include <stdexcept>

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "query/bind.h"
#include "query/errors.h"
#include "query/filter/functions.h"
#include "query/filter/to_sql.h"
#include "query/percentile.h"
#include "schema/embedded_sql.h"

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

} // namespace

std::string embedded_sql(std::string_view name) {
    for (const auto& file : query_sql)
        if (file.name == name)
            return std::string(file.text);
    throw std::logic_error(fmt::format("{}.sql is not embedded", name));
}

void make_views(SQLite::Database& db, const std::optional<filter::Expression>& filter) {
    filter::add_functions(db);
    add_percentile(db);
    db.exec(embedded_sql("prelude"));
    if (!filter) {
        db.exec(embedded_sql("unfiltered"));
        return;
    }
    const auto condition = filter::to_sql(*filter);
    check_depth(db, condition.sql);
    db.exec(
        fmt::format(fmt::runtime(embedded_sql("filtered")), fmt::arg("condition", condition.sql),
                    // of what it asks a listener may know nothing
                    fmt::arg("of_listeners",
                             filter::not_of_listeners(*filter) ? "FALSE" : condition.sql.c_str())));
    put_values(db, condition.values);
}

} // namespace query
} // namespace ctrack
