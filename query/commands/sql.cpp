// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "common/error.h"
#include "query/base/usage_error.h"
#include "query/commands/command.h"
#include "query/report/grouping.h"
#include "query/report/run_report.h"
#include "query/sql/all_rows.h"
#include "query/sql/sql_text.h"

namespace ctrack::query::command {

namespace {

const std::string& name_argument(const Options& options) {
    if (options.arguments.size() > 2)
        throw UsageError(
            fmt::format("{} does not take '{}'", options.arguments[0], options.arguments[2]));
    return options.arguments[1];
}

// Writes what .schema of sqlite3 does.
int show_schema(const Options& options, Output& out) {
    Database database(options.files);
    const bool is_of_one = options.arguments.size() > 1;
    const Value name = is_of_one ? Value(name_argument(options)) : Value();
    const auto rows = all_rows(database, sql_text("schema_text"),
                               {.window = {0, 0}, .limit = -1, .named = {{":name", name}}});
    if (rows.empty() && is_of_one)
        throw Error(fmt::format("there is no table or view '{}'; 'ctrack-query sql .tables' shows "
                                "them all",
                                std::get<std::string>(name)));
    for (const auto& row : rows)
        out.write(std::get<std::string>(row[0]) + ";\n");
    return 0;
}

int show_tables(const Options& options, Output& out) {
    if (options.arguments.size() > 1)
        throw UsageError(fmt::format(".tables does not take '{}'", options.arguments[1]));
    Database database(options.files);
    const auto renderer = renderer_for(options, out);
    database.run({sql_text("table_names"), {}}, {{0, 0}, -1}, *renderer);
    return 0;
}

} // namespace

int sql(const Options& options, Output& out) {
    const auto& text = options.arguments[0];
    if (text.starts_with(".schema ")) { // as sqlite3 takes it
        Options split = options;
        split.arguments = {".schema", text.substr(text.find(' ') + 1)};
        return show_schema(split, out);
    }
    if (text == ".schema")
        return show_schema(options, out);
    if (text == ".tables")
        return show_tables(options, out);
    if (text.starts_with("."))
        throw UsageError(fmt::format("there is no '{}': there are .schema and .tables", text));
    Report report{"sql", "", "", {text, {}}, std::nullopt};
    report.is_users_sql = true;
    run_report(grouped_by(std::move(report), options.by), filter_words(options, 1), options, out);
    return 0;
}

} // namespace ctrack::query::command
