// SPDX-License-Identifier: Apache-2.0
#include "query/render/formats.h"

namespace ctrack::query {

namespace {

std::unique_ptr<Renderer> plain_renderer(Format format, Output& out, Color color) {
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

} // namespace

bool writes_iso(Format format, Times times) {
    switch (format) {
    case Format::csv:
    case Format::tsv: return times != Times::epoch_us;
    case Format::json:
    case Format::ndjson: return times == Times::iso;
    default: return false;
    }
}

std::unique_ptr<Renderer> make_renderer(Format format, Output& out, Color color, Times times) {
    auto renderer = plain_renderer(format, out, color);
    return writes_iso(format, times) ? with_iso_times(std::move(renderer)) : std::move(renderer);
}

} // namespace ctrack::query
