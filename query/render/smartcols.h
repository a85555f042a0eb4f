// SPDX-License-Identifier: Apache-2.0
//
// Makes the errors of libsmartcols, which lays out tables, exceptions.
#pragma once

#include <memory>
#include <string>

#include <libsmartcols/libsmartcols.h>

#include "query/render/grid.h"
#include "query/render/output.h"
#include "query/render/renderer.h"

namespace ctrack::query {

struct TableDeleter {
    void operator()(libscols_table* table) const { scols_unref_table(table); }
};
using Table = std::unique_ptr<libscols_table, TableDeleter>;

/// Throws if the result of libsmartcols is not 0. It fails only if there is no memory.
void check(int result);

/// Whether colours are written to this output.
bool use_color(Color color, const Output& out);

/// A table that is written to `out`, as wide as its cells.
Table make_table(Output& out, bool is_coloured);

void add_column(libscols_table* table, const std::string& heading, int flags);

/// Adds the columns and lines of a grid to an empty table.
void add_cells(libscols_table* table, const Grid& grid);

/// Writes the table.
void print(libscols_table* table, Output& out);

libscols_line* add_line(libscols_table* table);

/// Sets the text of a cell. `color` is a name that libsmartcols knows, or nullptr.
void set_cell(libscols_line* line, std::size_t column, const std::string& text,
              const char* color = nullptr);

} // namespace ctrack::query
