// SPDX-License-Identifier: Apache-2.0
#include "query/render/formats.h"

namespace ctrack::query {

std::unique_ptr<Renderer> make_renderer(Format format, Output& out) {
    switch (format) {
    case Format::json: return make_json_renderer(out);
    case Format::ndjson: return make_ndjson_renderer(out);
    case Format::csv: return make_csv_renderer(out);
    case Format::table: break;
    }
    return make_table_renderer(out);
}

} // namespace ctrack::query
