// SPDX-License-Identifier: Apache-2.0
#include "query/report/moved.h"

#include <fmt/format.h>

#include "query/base/say.h"
#include "query/render/units.h"
#include "query/sql/all_rows.h"
#include "query/sql/sql_text.h"

namespace ctrack::query {

namespace {

// Why it is not known when the bytes of the window moved; empty if it is.
std::string why_not(const std::vector<std::string>& files, const Window& window,
                    Database& database) {
    const auto row = all_rows(database, sql_text("missing_intervals"), {window, -1}).at(0);
    const auto is_null = [&](std::size_t column) {
        return std::holds_alternative<std::monostate>(row[column]);
    };
    if (!is_null(0))
        return fmt::format("intervals before {} are no longer in {}",
                           humanise(row[0], Unit::second), fmt::join(files, ", "));
    if (!is_null(1))
        return fmt::format("the recording from {} has no intervals (--interval off)",
                           humanise(row[1], Unit::second));
    return "";
}

} // namespace

bool knows_moved(const std::vector<std::string>& files, const Window& window, Database& database,
                 std::string_view of) {
    const auto why = why_not(files, window, database);
    if (!why.empty())
        say(fmt::format("{}connections count with all their bytes, as when these moved is not "
                        "known: {}",
                        of, why));
    return why.empty();
}

bool counts_moved(const PreparedReport& report, const Options& options, const Window& window,
                  Database& database) {
    const bool has_window = options.begin || options.end || options.last || database.is_part();
    const bool asks = (has_window && !options.at && database.names_moved()) ||
                      (!report.report().is_users_sql && report.takes_window() &&
                       report.reads("chosen_intervals"));
    return asks && knows_moved(options.files, window, database);
}

} // namespace ctrack::query
