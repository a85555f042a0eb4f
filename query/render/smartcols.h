// SPDX-License-Identifier: Apache-2.0
//
// libsmartcols, which lays out tables, with exceptions for its errors.
#pragma once

#include <memory>
#include <string>

#include <libsmartcols/libsmartcols.h>

#include "query/render/output.h"
#include "query/render/renderer.h"

namespace ctrack::query {

struct TableDeleter {
    void operator()(libscols_table* table) const { scols_unref_table(table); }
};
using Table = std::unique_ptr<libscols_table, TableDeleter>;

/// libsmartcols says 0 or -errno, and fails only without memory.
void check(int result);

/// Whether to write colours: see Color.
bool use_color(Color color, const Output& out);

/// Writes to `out`; as wide as the terminal, if it is one.
Table make_table(Output& out, bool is_coloured);

void add_column(libscols_table* table, const std::string& heading, int flags);

libscols_line* add_line(libscols_table* table);

/// `color` is a name that libsmartcols knows, or nullptr.
void set_cell(libscols_line* line, std::size_t column, const std::string& text,
              const char* color = nullptr);

} // namespace ctrack::query
