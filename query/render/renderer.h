// SPDX-License-Identifier: Apache-2.0
//
// A renderer writes a result in one format. It knows columns, rows and how a
// table lays them out; it knows no report.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/base/value.h"
#include "query/render/layout.h"
#include "query/render/output.h"

namespace ctrack::query {

/// Use: begin, row for each row, end; then perhaps again for a footer.
/// Errors of the output come as the exceptions of Output.
class Renderer {
public:
    virtual ~Renderer() = default;

    /// `columns` are the SQL names.
    virtual void begin(const std::vector<std::string>& columns, const Layout& layout) = 0;
    virtual void row(const Row& row) = 0;
    virtual void end() = 0;

    /// Whether footers are wanted: in a machine format they would be in the way.
    virtual bool shows_footers() const { return false; }
};

enum class Format { table, json, ndjson, csv, tsv, openmetrics };

/// Whether a table is coloured: on a terminal unless NO_COLOR is set, or as told.
enum class Color { automatic, always, never };

/// Writes to `out`, which must live as long.
std::unique_ptr<Renderer> make_renderer(Format format, Output& out, Color color = Color::automatic);

} // namespace ctrack::query
