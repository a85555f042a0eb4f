// SPDX-License-Identifier: Apache-2.0
//
// The formats, one function in one file each; make_renderer chooses.
#pragma once

#include "query/render/renderer.h"

namespace ctrack::query {

/// For people: aligned columns, numbers with units, NULL as "-". Holds all rows
/// until end(). As wide as the terminal; as wide as needed where there is none.
std::unique_ptr<Renderer> make_table_renderer(Output& out);

/// One array of objects, one object a line; values as in make_ndjson_renderer.
std::unique_ptr<Renderer> make_json_renderer(Output& out);

/// One object a line. Bytes that are no UTF-8 become U+FFFD.
std::unique_ptr<Renderer> make_ndjson_renderer(Output& out);

/// RFC 4180 with a header. NULL is an empty field, an empty text is "".
std::unique_ptr<Renderer> make_csv_renderer(Output& out);

} // namespace ctrack::query
