// SPDX-License-Identifier: Apache-2.0
//
// A renderer writes a result in one format. It knows the columns, the rows and how a table lays
// them out, but no report.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/base/value.h"
#include "query/render/layout.h"
#include "query/render/output.h"

namespace ctrack::query {

/// Its user calls begin, then row for each row, then end; and all of it once more for another
/// result below. Errors of the output come as the exceptions of Output.
class Renderer {
public:
    virtual ~Renderer() = default;

    /// Begins a result, and remembers what it has. `columns` are the SQL names.
    virtual void begin(const std::vector<std::string>& columns, const Layout& layout) {
        columns_ = columns;
        layout_ = layout;
    }
    virtual void row(const Row& row) = 0;
    virtual void end() {}

    /// Whether results below the first are wanted. Programs that read a machine format expect one.
    virtual bool shows_footers() const { return false; }

protected:
    std::vector<std::string> columns_;
    Layout layout_;
};

enum class Format { table, json, ndjson, csv, tsv, openmetrics };

/// Whether a table is coloured. `automatic` means: on a terminal, unless NO_COLOR is set.
enum class Color { automatic, always, never };

/// How csv, tsv and JSON write points in time. `automatic` means: as text in csv and tsv, which
/// people and spreadsheets read, and as numbers in JSON, which programs read.
enum class Times { automatic, iso, epoch_us };

/// Whether the format has points in time as ISO 8601.
bool writes_iso(Format format, Times times);

/// A renderer that writes to `out`, which must live as long.
std::unique_ptr<Renderer> make_renderer(Format format, Output& out, Color color = Color::automatic,
                                        Times times = Times::automatic);

} // namespace ctrack::query
