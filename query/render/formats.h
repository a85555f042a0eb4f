// SPDX-License-Identifier: Apache-2.0
//
// The formats, one function in one file each; make_renderer chooses.
#pragma once

#include "query/render/renderer.h"

namespace ctrack::query {

/// For people: aligned columns, numbers with units, NULL as "-". Holds all rows
/// until end(). As wide as the terminal; as wide as needed where there is none.
std::unique_ptr<Renderer> make_table_renderer(Output& out, Color color);

/// One array of objects, one object a line; values as in make_ndjson_renderer.
std::unique_ptr<Renderer> make_json_renderer(Output& out);

/// One object a line. Bytes that are no UTF-8 become U+FFFD.
std::unique_ptr<Renderer> make_ndjson_renderer(Output& out);

/// RFC 4180 with a header. NULL is an empty field, an empty text is "".
std::unique_ptr<Renderer> make_csv_renderer(Output& out);

/// Fields between tabs, with a header, without quotes: tab, newline, carriage return
/// and backslash are written \t, \n, \r and \\. NULL is an empty field.
std::unique_ptr<Renderer> make_tsv_renderer(Output& out);

/// OpenMetrics 1.0 text: one gauge for each number of a result that is a record, in
/// seconds where the column is in microseconds. Of others it throws UsageError.
std::unique_ptr<Renderer> make_openmetrics_renderer(Output& out);

} // namespace ctrack::query
