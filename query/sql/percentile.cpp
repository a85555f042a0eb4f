// SPDX-License-Identifier: Apache-2.0
#include "query/sql/percentile.h"

#include <new>

#include <sqlite3.h>

#include "query/sql/counts.h"

namespace ctrack::query {

namespace {

struct Values {
    Counts counts;
    double percent = 0;
};

// SQLite owns the place of the pointer, and calls finish once for each group.
Values** values_of(sqlite3_context* context, bool make) {
    const int size = make ? sizeof(Values*) : 0;
    return static_cast<Values**>(sqlite3_aggregate_context(context, size));
}

void fail(sqlite3_context* context) {
    sqlite3_result_error(context, "percentile(X, P): P is a number from 0 to 100", -1);
}

void add_value(sqlite3_context* context, sqlite3_value** arguments) {
    auto** values = values_of(context, true);
    if (values == nullptr)
        throw std::bad_alloc();
    if (*values == nullptr)
        *values = new Values;
    (*values)->percent = sqlite3_value_double(arguments[1]);
    (*values)->counts.add(sqlite3_value_int64(arguments[0]));
}

void step(sqlite3_context* context, int, sqlite3_value** arguments) {
    const int type = sqlite3_value_type(arguments[1]);
    const double percent = sqlite3_value_double(arguments[1]);
    if ((type != SQLITE_INTEGER && type != SQLITE_FLOAT) || percent < 0 || percent > 100)
        return fail(context);
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL)
        return;
    try {
        add_value(context, arguments);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

void finish(sqlite3_context* context) {
    auto** values = values_of(context, false);
    if (values == nullptr || *values == nullptr)
        return; // NULL
    try {
        sqlite3_result_int64(context,
                             percentile_of((*values)->counts.sorted(), (*values)->percent));
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
    delete *values;
}

} // namespace

void add_percentile(SQLite::Database& db) {
    db.createFunction("percentile", 2, true, nullptr, nullptr, step, finish, nullptr);
}

} // namespace ctrack::query
