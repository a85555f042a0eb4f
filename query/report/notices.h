// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/filter/narrowing.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// Tells that no recording covers any of the window, and what the files cover instead; empty if
/// one does.
std::string nothing_recorded(const std::vector<std::string>& files, const Window& window,
                             Database& database);

/// Says on stderr if nothing of the window was recorded, or not all of it, and what was. `asked` is
/// what asked_window returns; `of` says which window that is, as "--before: ", where there are two.
void report_not_recorded(const std::vector<std::string>& files, const Window& asked,
                         Database& database, std::string_view of = "");

/// Says on stderr which of the programs that were asked for by name are not in the files at all.
void report_unknown_programs(const std::vector<std::string>& files,
                             const std::vector<filter::Given>& narrowing, Database& database);

/// Says on stderr what the recorder lost in the window, if anything.
void report_losses(const std::vector<std::string>& files, const Window& window, Database& database);

/// Says on stderr which listeners of those that the filter takes dropped packets in the window, if
/// any: the clients that met that have no connection here.
void report_drops(const std::vector<std::string>& files, const Window& window, Database& database);

/// Says on stderr which rows of the window were deleted to keep the file small, if any.
void report_deleted(const std::vector<std::string>& files, const Parameters& parameters,
                    Database& database);

/// Says on stderr what of the files was not copied into a new one, as it is not one of ctrack's.
void report_left_out(const std::vector<std::string>& files, Database& database);

/// Says on stderr which recordings have no end though nobody writes them, if they end within the
/// window, and whether their log is missing.
void report_silent(const std::vector<std::string>& files, const Window& window, Database& database);

/// Says on stderr if the same recording is in several files, or if two recorders recorded the same
/// sockets within the window: then much is there twice.
void report_doubled(const Window& window, Database& database);

/// Says on stderr what is in a file that was just written: its rows, window and size; and of a
/// merged one, whether two recorders recorded the same sockets.
void report_written(const std::string& file, bool is_merged);

} // namespace ctrack::query
