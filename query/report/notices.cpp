// SPDX-License-Identifier: Apache-2.0
#include "query/report/notices.h"

#include <cstdio>

#include <fmt/format.h>

#include "query/render/units.h"
#include "schema/schema.h"

namespace ctrack::query {

std::string nothing_recorded(const std::vector<std::string>& files, const Window& window,
                             Database& database) {
    if (database.is_recorded(window))
        return "";
    const std::string text = "nothing was recorded in this window";
    const auto span = database.recorded();
    return span
               ? fmt::format("{}: {} {} from {} to {}", text, fmt::join(files, ", "),
                             files.size() == 1 ? "is" : "are", humanise(span->begin_us, Unit::time),
                             humanise(span->end_us - 1, Unit::time))
               : text;
}

void report_losses(const std::vector<std::string>& files, const Window& window,
                   Database& database) {
    const auto text = database.losses(window);
    if (!text.empty())
        fmt::print(stderr,
                   "ctrack-query: lost in this window: {}; ctrack-query -r {} losses lists them\n",
                   text, fmt::join(files, " -r "));
}

void report_deleted(const std::vector<std::string>& files, const Parameters& parameters,
                    Database& database) {
    std::string text;
    for (const auto& kept : database.kept(parameters))
        text += fmt::format("{}{} before {}", text.empty() ? "" : ", ", kept.what,
                            humanise(kept.from_us, Unit::time));
    if (!text.empty())
        fmt::print(stderr,
                   "ctrack-query: no longer in {}: {}; --max-size and --max-age of the recorder "
                   "set how much it keeps\n",
                   fmt::join(files, ", "), text);
}

void report_silent(const std::vector<std::string>& files, const Window& window,
                   Database& database) {
    for (const auto& [host, until_us, file_number] : database.silent(window)) {
        const auto& file = files.at(file_number);
        fmt::print(stderr,
                   "ctrack-query: {}: the recording of {} has no end: its recorder was killed, or "
                   "this is a copy; all that is known ends {}{}\n",
                   file, host, humanise(until_us, Unit::time),
                   schema::log_of(file) == schema::Log::not_there
                       ? fmt::format("; no {}-wal is there: if it was not copied along, what came "
                                     "later is missing",
                                     file)
                       : "");
    }
}

void report_doubled(Database& database) {
    for (const auto& [host, started_us] : database.doubled())
        fmt::print(stderr,
                   "ctrack-query: several files hold the recording of {} from {}: connections, "
                   "listeners and recordings that are in both files count twice\n",
                   host, humanise(started_us, Unit::time));
}

} // namespace ctrack::query
