// SPDX-License-Identifier: Apache-2.0
//
// The formats. make_renderer chooses one of them.
#pragma once

#include "query/render/renderer.h"

namespace ctrack::query {

/// Writes for people: columns are aligned, numbers have units, and NULL is "-". Rows are held
/// back until end(), because their widths must be known. On a terminal, a table is made to fit its
/// width (fit.h), and what was left out is said on stderr; elsewhere it is as wide as needed.
std::unique_ptr<Renderer> make_table_renderer(Output& out, Color color);

enum class JsonStyle {
    array,       ///< is one array, with an object in each line
    lines,       ///< has an object in each line
    known_lines, ///< has objects without what is NULL
};

/// Writes an object for each row. Integers of 64 bits keep all their digits, and bytes that are not
/// UTF-8 become U+FFFD. A name that occurs twice, as SQL allows, is written twice. Infinity becomes
/// null. A text of the unit json is written as the JSON that it is. What a terminal would obey, or
/// show nothing for, is \uXXXX.
std::unique_ptr<Renderer> make_json_renderer(Output& out, JsonStyle style);

/// Writes what RFC 4180 describes, with a header. NULL is an empty field, an empty text is "". On a
/// terminal, this and tsv show texts as a table does.
std::unique_ptr<Renderer> make_csv_renderer(Output& out);

/// Writes fields between tabs, with a header and without quotes. Tab, newline, carriage return
/// and backslash are written as \t, \n, \r and \\. NULL is an empty field.
std::unique_ptr<Renderer> make_tsv_renderer(Output& out);

/// Writes the text of OpenMetrics 1.0: one gauge for each number of a record, in seconds where the
/// column is in microseconds. Throws UsageError for a result that is not a record.
std::unique_ptr<Renderer> make_openmetrics_renderer(Output& out);

/// Writes points in time by iso_time, in columns whose names lose their _us; all else is as the
/// other renderer has it.
std::unique_ptr<Renderer> with_iso_times(std::unique_ptr<Renderer> inner);

} // namespace ctrack::query
