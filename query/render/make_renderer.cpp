// SPDX-License-Identifier: Apache-2.0
#include "query/render/formats.h"

namespace ctrack::query {

std::unique_ptr<Renderer> make_renderer(Format format, Output& out, Color color) {
    switch (format) {
    case Format::json: return make_json_renderer(out, JsonStyle::array);
    case Format::ndjson: return make_json_renderer(out, JsonStyle::lines);
    case Format::csv: return make_csv_renderer(out);
    case Format::tsv: return make_tsv_renderer(out);
    case Format::openmetrics: return make_openmetrics_renderer(out);
    case Format::table: break;
    }
    return make_table_renderer(out, color);
}

} // namespace ctrack::query
